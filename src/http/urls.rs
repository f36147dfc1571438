//! Every path of the house, once: routes bind them, pages and answers build links from them.

use std::fmt;

/// Generates the paths and the list of all of them.
macro_rules! paths {
    ($($(#[$doc:meta])+ $name:ident = $path:literal;)+) => {
        /// A path of the house.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Path { $($(#[$doc])+ $name,)+ }

        impl Path {
            /// Every path.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As it stands in a request.
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
    /// Who signs in.
    SigninIdentifier = "/signin/identifier";
    /// The password step.
    SigninPassword = "/signin/password";
    /// The push step: waiting for the phone.
    SigninPush = "/signin/push";
    /// Sends the push, or sends it again.
    SigninPushSend = "/signin/push/send";
    /// What the phone did, as server-sent events.
    SigninPushEvents = "/signin/push/events";
    /// What the phone did, as a long poll.
    SigninPushStatus = "/signin/push/status";
    /// The step that takes a time-based code.
    SigninTotp = "/signin/totp";
    /// Enrolling an authenticator.
    SigninEnroll = "/signin/enroll";
    /// How the enrollment goes, as server-sent events.
    SigninEnrollEvents = "/signin/enroll/events";
    /// How the enrollment goes, as a long poll.
    SigninEnrollStatus = "/signin/enroll/status";
    /// What the application may know.
    Consent = "/consent";
    /// The end session endpoint (OpenID Connect RP-Initiated Logout).
    Signout = "/signout";
    /// The first person and the first client.
    Setup = "/setup";
    /// The prefix of the device API.
    Device = "/device/v1";
    /// The authenticator.
    Authenticator = "/authenticator/";
    /// The prefix of style sheets, scripts and images.
    Assets = "/assets";
    /// Whether the process lives.
    Livez = "/livez";
    /// Whether it can serve.
    Readyz = "/readyz";
    /// The same as `/readyz`, for tools that expect this name.
    Healthz = "/healthz";
}

impl Path {
    /// This path with a query, each value percent-encoded as a form would.
    pub fn with<'a>(self, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        let query = encoded.extend_pairs(query).finish();
        if query.is_empty() { self.as_str().to_owned() } else { format!("{self}?{query}") }
    }

    /// Whether a request path is this path, or lies below it.
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

/// The origin under which the house is known, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// From [`crate::config::Config::issuer`].
    pub fn new(issuer: impl Into<String>) -> Self {
        Self(issuer.into())
    }

    /// The issuer, and the origin of every page.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers come by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The absolute URL of `path`.
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
    fn a_path_lies_below_its_root_only_at_a_slash() {
        assert!(Path::Device.is_root_of("/device/v1/challenges"));
        assert!(Path::Device.is_root_of("/device/v1"));
        assert!(!Path::Device.is_root_of("/device/v11"));
        assert!(Path::Authenticator.is_root_of("/authenticator/enroll"));
    }

    #[test]
    fn no_two_names_share_a_path() {
        let paths: std::collections::BTreeSet<_> = Path::ALL.iter().map(|path| path.as_str()).collect();
        assert_eq!(paths.len(), Path::ALL.len());
    }
}
