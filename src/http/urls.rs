//! Every path of this server, defined once: routes bind them, pages and responses link to them by the [`Urls`] of a
//! tenant.

/// The prefix of the paths of every workspace but the first one, before its slug.
const WORKSPACES: &str = "/w/";

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
    /// Whether `path` is this path or lies below it.
    pub fn is_root_of(self, path: &str) -> bool {
        let root = self.as_str().trim_end_matches('/');
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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

    /// Returns the origin of every page.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers connect by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// A path of a request, without the prefix of its workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressed<'a> {
    /// A path of the workspace that is served at the root, or of the installation.
    Root(&'a str),
    /// A path of another workspace, which may not exist.
    Workspace {
        /// The slug, as received.
        slug: &'a str,
        /// The path below the workspace's issuer.
        path: &'a str,
    },
}

impl<'a> Addressed<'a> {
    /// Reads the path of a request.
    pub fn of(path: &'a str) -> Self {
        // RFC 8414 §3.1 puts the well-known part before the path of the issuer.
        let metadata = Path::AuthorizationServerMetadata.as_str();
        if let Some(slug) = path.strip_prefix(metadata).and_then(|rest| rest.strip_prefix(WORKSPACES)) {
            return Self::Workspace { slug, path: metadata };
        }
        let Some(rest) = path.strip_prefix(WORKSPACES) else { return Self::Root(path) };
        match rest.find('/').and_then(|end| rest.split_at_checked(end)) {
            Some((slug, path)) => Self::Workspace { slug, path },
            None => Self::Workspace { slug: rest, path: Path::Home.as_str() },
        }
    }

    /// Returns the path below the issuer of the workspace.
    pub const fn path(self) -> &'a str {
        match self {
            Self::Root(path) | Self::Workspace { path, .. } => path,
        }
    }
}

/// The URLs of one tenant: all of them lie below its issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    issuer: String,
    /// The length of the public URL, with which the issuer begins.
    origin_bytes: usize,
}

impl Urls {
    /// Builds the URLs of the workspace that is served at the root.
    pub fn root(public_url: &PublicUrl) -> Self {
        Self { issuer: public_url.0.clone(), origin_bytes: public_url.0.len() }
    }

    /// Builds the URLs of another workspace.
    pub fn of_workspace(public_url: &PublicUrl, slug: &str) -> Self {
        Self { issuer: format!("{}{WORKSPACES}{slug}", public_url.0), origin_bytes: public_url.0.len() }
    }

    /// Returns the issuer (OpenID Connect Core §2), exactly as discovery says it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the path of the issuer: empty at the root. Pages write it before each path.
    pub fn base(&self) -> &str {
        self.issuer.get(self.origin_bytes..).unwrap_or_default()
    }

    /// Returns the absolute URL of `path`.
    pub fn at(&self, path: Path) -> String {
        format!("{}{}", self.issuer, path.as_str())
    }

    /// Returns the URL of `path` on this origin, for a redirect.
    pub fn local(&self, path: Path) -> String {
        format!("{}{}", self.base(), path.as_str())
    }

    /// Returns the URL of `path` on this origin with a query, each value encoded as in a form.
    pub fn with<'a>(&self, path: Path, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        encoded(self.local(path), query)
    }

    /// Returns the absolute URL of `path` with a query, each value encoded as in a form.
    pub fn at_with<'a>(&self, path: Path, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        encoded(self.at(path), query)
    }
}

fn encoded<'a>(url: String, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    let query = encoded.extend_pairs(query).finish();
    if query.is_empty() { url } else { format!("{url}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public_url() -> PublicUrl {
        PublicUrl::new("https://id.example")
    }

    #[test]
    fn a_query_is_encoded() {
        let urls = Urls::root(&public_url());
        assert_eq!(urls.with(Path::SigninPush, [("j", "jrn_a-_1")]), "/signin/push?j=jrn_a-_1");
        assert_eq!(urls.with(Path::Consent, [("r", "a&b=c d\r\n")]), "/consent?r=a%26b%3Dc+d%0D%0A");
        assert_eq!(urls.with(Path::Home, []), "/");
    }

    #[test]
    fn the_urls_of_the_root_begin_with_the_public_url_and_those_of_a_workspace_with_its_issuer() {
        let (root, acme) = (Urls::root(&public_url()), Urls::of_workspace(&public_url(), "acme"));
        assert_eq!((root.issuer(), root.base()), ("https://id.example", ""));
        assert_eq!((acme.issuer(), acme.base()), ("https://id.example/w/acme", "/w/acme"));
        assert_eq!((root.local(Path::Home), acme.local(Path::Home)), ("/".into(), "/w/acme/".into()));
        assert_eq!(root.at(Path::Token), "https://id.example/token");
        assert_eq!(acme.at(Path::Token), "https://id.example/w/acme/token");
        let query = || [("token", "a b")];
        assert_eq!(acme.with(Path::Signin, query()), "/w/acme/signin?token=a+b");
        assert_eq!(acme.at_with(Path::Signin, query()), "https://id.example/w/acme/signin?token=a+b");
    }

    #[test]
    fn a_path_is_split_into_workspace_and_rest() {
        let of = |slug, path| Addressed::Workspace { slug, path };
        for (path, expected) in [
            ("/token", Addressed::Root("/token")),
            ("/w", Addressed::Root("/w")),
            ("/wide/token", Addressed::Root("/wide/token")),
            ("/w/acme/token", of("acme", "/token")),
            ("/w/acme/", of("acme", "/")),
            ("/w/acme", of("acme", "/")),
            ("/w//token", of("", "/token")),
            ("/w/acme//token", of("acme", "//token")),
            ("/w/acme/w/other/token", of("acme", "/w/other/token")),
            (
                "/.well-known/oauth-authorization-server/w/acme",
                of("acme", "/.well-known/oauth-authorization-server"),
            ),
            (
                "/.well-known/oauth-authorization-server",
                Addressed::Root("/.well-known/oauth-authorization-server"),
            ),
        ] {
            assert_eq!(Addressed::of(path), expected, "{path}");
        }
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
