//! The security headers of every response. Headers that a handler sets itself are kept.

use crate::http::urls::{Addressed, Path};
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The policy of responses that are not pages: load, frame and send nothing. Pages set their own policy.
const NO_CONTENT: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Disables the browser features that no page uses.
const NO_FEATURES: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), \
                           publickey-credentials-create=(self), publickey-credentials-get=(self)";
/// The authenticator needs the camera to read QR codes.
const CAMERA: &str = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), \
                      publickey-credentials-create=(self), publickey-credentials-get=(self)";

/// The security headers of every response.
#[derive(Clone, Copy, Debug)]
pub struct SecurityHeaders {
    /// Whether browsers connect by TLS.
    pub is_https: bool,
}

impl SecurityHeaders {
    /// Adds the headers that the response to a request for `path` does not set itself.
    pub fn add(self, path: &str, headers: &mut HeaderMap) {
        let mut add = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        // Not `no-referrer`: with it, browsers send `Origin: null` with this server's own forms.
        add(header::REFERRER_POLICY, "same-origin");
        add(header::CACHE_CONTROL, "no-store");
        add(header::CONTENT_SECURITY_POLICY, NO_CONTENT);
        add(header::X_FRAME_OPTIONS, "DENY");
        add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
        add(HeaderName::from_static("cross-origin-opener-policy"), opener_policy(path));
        let is_authenticator = Path::Authenticator.is_root_of(path);
        add(
            HeaderName::from_static("permissions-policy"),
            if is_authenticator { CAMERA } else { NO_FEATURES },
        );
        if self.is_https {
            add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
    }
}

/// Returns the value of `Cross-Origin-Opener-Policy`. Relying parties open the sign-in in a popup and wait
/// until it returns to their own page. Any value but `unsafe-none` severs the popup from its opener
/// permanently, including `same-origin-allow-popups`, which concerns popups that the page itself opens. So
/// the paths of a sign-in use `unsafe-none` (they cannot be framed, their forms need a token, and they send
/// nothing to an opener), and all other paths `same-origin`.
fn opener_policy(path: &str) -> &'static str {
    let path = Addressed::of(path).path();
    let sign_in_paths = [Path::Authorize, Path::Consent, Path::Signout];
    let is_sign_in = path.starts_with("/signin/") || sign_in_paths.iter().any(|page| page.is_root_of(path));
    if is_sign_in { "unsafe-none" } else { "same-origin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(path: &str, is_https: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        SecurityHeaders { is_https }.add(path, &mut headers);
        headers
    }

    #[test]
    fn strict_transport_security_is_sent_exactly_over_tls() {
        assert!(added("/", true).contains_key("strict-transport-security"));
        assert!(!added("/", false).contains_key("strict-transport-security"));
    }

    #[test]
    fn a_response_has_every_security_header() {
        let headers = added("/", false);
        for (name, expected) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
            (
                "content-security-policy",
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            ),
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], expected, "{name}");
        }
        for (path, camera) in [("/", "camera=()"), ("/authenticator/", "camera=(self)")] {
            let features = added(path, false)["permissions-policy"].to_str().unwrap().to_owned();
            assert!(features.starts_with(&format!("{camera}, microphone=()")), "{path}: {features}");
        }
    }

    #[test]
    fn only_the_paths_of_a_sign_in_keep_the_opener_of_a_popup() {
        for (path, expected) in [
            ("/authorize", "unsafe-none"),
            ("/signin/push", "unsafe-none"),
            ("/consent", "unsafe-none"),
            ("/w/acme/signin/push", "unsafe-none"),
            ("/w/acme/token", "same-origin"),
            ("/token", "same-origin"),
            ("/authenticator/", "same-origin"),
            ("/authorized", "same-origin"),
        ] {
            assert_eq!(added(path, false)["cross-origin-opener-policy"], expected, "{path}");
        }
    }

    #[test]
    fn headers_of_the_handler_are_kept() {
        let mut headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("public"))]);
        SecurityHeaders { is_https: false }.add("/", &mut headers);
        assert_eq!(headers[header::CACHE_CONTROL], "public");
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
    }
}
