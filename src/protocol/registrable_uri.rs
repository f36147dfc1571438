//! The rules for registering a redirect URI, of a sign-in or of a sign-out.
//!
//! Spec: RFC 6749 §3.1.2, RFC 8252 §7, OpenID Connect Registration §2.

use url::{Host, Url};

/// Why a URI cannot be registered, with a sentence for the administrator who registers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriProblem {
    /// Characters that are not allowed in a URI, or more than 2000 bytes.
    #[error(
        "write the address in plain ASCII without spaces, backslashes and quotation marks, 2000 bytes at most"
    )]
    Malformed,
    /// A pattern (`*`).
    #[error("patterns are not supported: register every address in full")]
    Pattern,
    /// A fragment (`#`).
    #[error("an address with a fragment (#) cannot be registered")]
    Fragment,
    /// No scheme, or nothing after it.
    #[error("write the whole address, beginning with https://")]
    NotAbsolute,
    /// A scheme that executes or opens its content.
    #[error("an address of this scheme could run as a script or open a file, and cannot be registered")]
    DangerousScheme,
    /// `http` for a host other than this machine.
    #[error("http is allowed for 127.0.0.1, [::1] and localhost only: use https")]
    InsecureScheme,
    /// A user name or password before the host.
    #[error("an address with a user name or password in it cannot be registered")]
    UserInformation,
    /// A host in a spelling that browsers would change.
    #[error("write the host as browsers show it: lower case, punycode for international names, no port 0")]
    HostSpelling,
    /// A private-use scheme of a confidential client.
    #[error("only a public client (an app on a device) may use a scheme of its own: use https")]
    PrivateSchemeOfConfidentialClient,
    /// A private-use scheme without a dot.
    #[error(
        "an app's own scheme is a domain name in reverse, such as com.example.app (RFC 8252 section 7.1)"
    )]
    PrivateSchemeWithoutDot,
}

/// Checks whether `uri` may be registered for redirects, of a sign-in or of a sign-out.
pub fn check_registrable(uri: &str, is_public: bool) -> Result<(), RedirectUriProblem> {
    if let Some(problem) = find_problem(uri) {
        return Err(problem);
    }
    let scheme = scheme(uri).ok_or(RedirectUriProblem::NotAbsolute)?;
    match scheme.as_str() {
        "https" | "http" => Ok(()),
        _ if !is_public => Err(RedirectUriProblem::PrivateSchemeOfConfidentialClient),
        private if private.contains('.') => Ok(()),
        _ => Err(RedirectUriProblem::PrivateSchemeWithoutDot),
    }
}

/// Finds the problem of a URI that no client may register.
pub(super) fn find_problem(uri: &str) -> Option<RedirectUriProblem> {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    if uri.len() > 2000 || !uri.bytes().all(is_allowed) {
        return Some(RedirectUriProblem::Malformed);
    }
    if uri.contains('#') {
        return Some(RedirectUriProblem::Fragment);
    }
    if uri.contains('*') {
        return Some(RedirectUriProblem::Pattern);
    }
    match scheme(uri).as_deref() {
        None => Some(RedirectUriProblem::NotAbsolute),
        Some("https" | "http") => find_web_problem(uri),
        Some(scheme) if DANGEROUS.contains(&scheme) => Some(RedirectUriProblem::DangerousScheme),
        Some(_) => None,
    }
}

const DANGEROUS: &[&str] = &[
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "javascript",
    "mailto",
    "resource",
    "tel",
    "urn",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Returns the scheme in lower case if one is present with something after it (RFC 3986 §3.1).
fn scheme(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !rest.is_empty();
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

fn find_web_problem(uri: &str) -> Option<RedirectUriProblem> {
    let Some((_, rest)) = uri.split_once("://") else { return Some(RedirectUriProblem::NotAbsolute) };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some(RedirectUriProblem::UserInformation);
    }
    let Ok(url) = Url::parse(uri) else { return Some(RedirectUriProblem::HostSpelling) };
    // The host and port that a browser would contact must be the ones that are written.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let as_browsers_write_it = format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default());
    let with_default_port = format!("{as_browsers_write_it}:{}", url.port_or_known_default().unwrap_or(0));
    let written = uri.strip_suffix(rest).map(|scheme| format!("{scheme}{authority}")).unwrap_or_default();
    if url.port() == Some(0) || (written != as_browsers_write_it && written != with_default_port) {
        return Some(RedirectUriProblem::HostSpelling);
    }
    (url.scheme() == "http" && !is_this_machine(&url)).then_some(RedirectUriProblem::InsecureScheme)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_application_addresses_may_be_registered() {
        for uri in [
            "https://rp.example/cb",
            "https://rp.example:8443/cb?tenant=1&x=y",
            "https://rp.example",
            "https://rp.example:443/cb",
            "https://xn--bcher-kva.example/",
            "http://localhost/cb",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8080/cb",
            "http://[::1]:8080/cb",
            "https://[2001:db8::1]/cb",
            "https://192.0.2.1/cb",
        ] {
            for is_public in [true, false] {
                assert_eq!(check_registrable(uri, is_public), Ok(()), "{uri}");
            }
        }
        assert_eq!(check_registrable("com.example.app:/cb", true), Ok(()));
        assert_eq!(check_registrable("com.example.app://cb", true), Ok(()));
    }

    #[test]
    fn dangerous_addresses_may_not_be_registered() {
        use RedirectUriProblem as P;
        for (uri, problem) in [
            ("", P::NotAbsolute),
            ("/cb", P::NotAbsolute),
            ("//rp.example/cb", P::NotAbsolute),
            ("https:", P::NotAbsolute),
            ("https:rp.example/cb", P::NotAbsolute),
            ("https:/rp.example", P::NotAbsolute),
            ("rp.example/cb", P::NotAbsolute),
            (":x", P::NotAbsolute),
            ("1a:x", P::NotAbsolute),
            ("https://rp.example/cb#", P::Fragment),
            ("https://rp.example/cb#x", P::Fragment),
            ("com.example:/#x", P::Fragment),
            ("https://*.rp.example/cb", P::Pattern),
            ("https://rp.example/*", P::Pattern),
            ("https://rp.example/c b", P::Malformed),
            ("https://rp.example\\@evil.example/", P::Malformed),
            ("https://rp.example/\u{e9}", P::Malformed),
            ("https://b\u{fc}cher.example/", P::Malformed),
            ("https://rp.example/\r\nX: y", P::Malformed),
            (" https://rp.example/", P::Malformed),
            ("https://rp.example/\0", P::Malformed),
            ("javascript:alert(1)", P::DangerousScheme),
            ("JavaScript:alert(1)", P::DangerousScheme),
            ("JAVASCRIPT://rp.example/%0aalert(1)", P::DangerousScheme),
            ("data:text/html,x", P::DangerousScheme),
            ("DATA:text/html,x", P::DangerousScheme),
            ("vbscript:x", P::DangerousScheme),
            ("VbScript:x", P::DangerousScheme),
            ("blob:https://rp.example/1", P::DangerousScheme),
            ("Blob:x", P::DangerousScheme),
            ("file:///etc/passwd", P::DangerousScheme),
            ("about:blank", P::DangerousScheme),
            ("view-source:https://rp.example", P::DangerousScheme),
            ("http://rp.example/cb", P::InsecureScheme),
            ("http://localhost.evil.example/cb", P::InsecureScheme),
            ("http://127.0.0.2/cb", P::InsecureScheme),
            ("http://192.168.0.1/cb", P::InsecureScheme),
            ("http://[::2]/cb", P::InsecureScheme),
            ("https://user@rp.example/cb", P::UserInformation),
            ("https://rp.example@evil.example/", P::UserInformation),
            ("http://localhost@evil.example/", P::UserInformation),
            ("http://127.1/cb", P::HostSpelling),
            ("http://2130706433/cb", P::HostSpelling),
            ("http://0x7f.1/cb", P::HostSpelling),
            ("https://RP.example/cb", P::HostSpelling),
            ("HTTPS://rp.example/cb", P::HostSpelling),
            ("https://rp.example:/cb", P::HostSpelling),
            ("https://rp.example:0/cb", P::HostSpelling),
            ("https://rp.example:99999/cb", P::HostSpelling),
            ("https:///cb", P::HostSpelling),
            ("https://%6cocalhost/cb", P::HostSpelling),
            ("https://rp.example:0443/cb", P::HostSpelling),
            ("https://?x", P::HostSpelling),
            ("myapp:/cb", P::PrivateSchemeWithoutDot),
            ("myapp://cb", P::PrivateSchemeWithoutDot),
        ] {
            assert_eq!(check_registrable(uri, true), Err(problem), "{uri:?}");
        }
        let private = check_registrable("com.example.app:/cb", false);
        assert_eq!(private, Err(P::PrivateSchemeOfConfidentialClient));
    }

    #[test]
    fn a_uri_that_is_too_long_may_not_be_registered() {
        let longest = format!("https://rp.example/{}", "x".repeat(1981));
        assert_eq!(check_registrable(&longest, false), Ok(()));
        assert_eq!(check_registrable(&format!("{longest}x"), false), Err(RedirectUriProblem::Malformed));
    }
}
