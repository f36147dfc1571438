//! Every path of this server, defined once: routes bind them, pages and responses link to them.

use std::fmt;

/// Generates the enumeration of the paths and the list of all of them.
macro_rules! paths {
    ($($(#[$doc:meta])+ $name:ident = $path:literal;)+) => {
        /// A path of this server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Path { $($(#[$doc])+ $name,)+ }

        impl Path {
            /// Every path.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the path as it appears in a request.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $path,)+ }
            }
        }
    };
}

paths! {
    /// The front page.
    Home = "/";
    /// The authorization endpoint (RFC 6749 §3.1).
    Authorize = "/authorize";
    /// The token endpoint (RFC 6749 §3.2).
    Token = "/token";
    /// The userinfo endpoint (OpenID Connect Core §5.3).
    Userinfo = "/userinfo";
    /// The introspection endpoint (RFC 7662).
    Introspect = "/introspect";
    /// The revocation endpoint (RFC 7009).
    Revoke = "/revoke";
    /// Provider metadata (OpenID Connect Discovery §4).
    OpenidConfiguration = "/.well-known/openid-configuration";
    /// Authorization server metadata (RFC 8414).
    AuthorizationServerMetadata = "/.well-known/oauth-authorization-server";
    /// The key set (RFC 7517).
    Jwks = "/.well-known/jwks.json";
    /// Begins a sign-in to the person's own account.
    Signin = "/signin";
    /// The username step.
    SigninIdentifier = "/signin/identifier";
    /// The password step.
    SigninPassword = "/signin/password";
    /// The step that replaces a password which must be changed.
    SigninNewPassword = "/signin/new-password";
    /// The link of an invitation, by which a person sets the first password.
    SigninInvitation = "/signin/invitation";
    /// The push step: waiting for the phone.
    SigninPush = "/signin/push";
    /// Sends the push, or sends it again.
    SigninPushSend = "/signin/push/send";
    /// Changes of the push challenge, as server-sent events.
    SigninPushEvents = "/signin/push/events";
    /// Changes of the push challenge, as a long poll.
    SigninPushStatus = "/signin/push/status";
    /// The step that takes a time-based code.
    SigninTotp = "/signin/totp";
    /// The enrollment of an authenticator.
    SigninEnroll = "/signin/enroll";
    /// Changes of the enrollment, as server-sent events.
    SigninEnrollEvents = "/signin/enroll/events";
    /// Changes of the enrollment, as a long poll.
    SigninEnrollStatus = "/signin/enroll/status";
    /// The consent page.
    Consent = "/consent";
    /// The end session endpoint (OpenID Connect RP-Initiated Logout).
    Signout = "/signout";
    /// The page that creates the first person and the first client.
    Setup = "/setup";
    /// The prefix of the device API.
    Device = "/device/v1";
    /// The authenticator web app.
    Authenticator = "/authenticator/";
    /// The prefix of style sheets, scripts and images.
    Assets = "/assets";
    /// Liveness: whether the process runs.
    Livez = "/livez";
    /// Readiness: whether the server can answer requests.
    Readyz = "/readyz";
    /// An alias of `/readyz`, for tools that expect this name.
    Healthz = "/healthz";
}

impl Path {
    /// Returns this path with a query, each value encoded as in a form.
    pub fn with<'a>(self, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        let query = encoded.extend_pairs(query).finish();
        if query.is_empty() { self.as_str().to_owned() } else { format!("{self}?{query}") }
    }

    /// Whether `path` is this path or lies below it.
    pub fn is_root_of(self, path: &str) -> bool {
        let root = self.as_str().trim_end_matches('/');
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The public origin of this server, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Builds it from [`crate::config::Config::issuer`].
    pub fn new(issuer: impl Into<String>) -> Self {
        Self(issuer.into())
    }

    /// Returns the issuer, which is also the origin of every page.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers connect by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Returns the absolute URL of `path`.
    pub fn at(&self, path: Path) -> String {
        format!("{}{path}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        assert_eq!(Path::SigninPush.with([("j", "jrn_a-_1")]), "/signin/push?j=jrn_a-_1");
        assert_eq!(Path::Consent.with([("r", "a&b=c d\r\n")]), "/consent?r=a%26b%3Dc+d%0D%0A");
        assert_eq!(Path::Home.with([]), "/");
    }

    #[test]
    fn a_path_is_below_its_root_only_after_a_slash() {
        assert!(Path::Device.is_root_of("/device/v1/challenges"));
        assert!(Path::Device.is_root_of("/device/v1"));
        assert!(!Path::Device.is_root_of("/device/v11"));
        assert!(Path::Authenticator.is_root_of("/authenticator/enroll"));
    }

    #[test]
    fn every_path_is_unique() {
        let paths: std::collections::BTreeSet<_> = Path::ALL.iter().map(|path| path.as_str()).collect();
        assert_eq!(paths.len(), Path::ALL.len());
    }
}
