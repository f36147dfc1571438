//! What every answer says to browsers. A handler that says something else has a reason and is left alone.

use crate::http::urls::Path;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Nothing is loaded, framed or sent by an answer that is no page of ours; pages bring their own policy.
const NO_CONTENT: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What no page of the house uses.
const NO_FEATURES: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), \
                           publickey-credentials-create=(self), publickey-credentials-get=(self)";
/// The authenticator reads the QR code.
const CAMERA: &str = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), \
                      publickey-credentials-create=(self), publickey-credentials-get=(self)";

/// The headers of every answer.
#[derive(Clone, Copy, Debug)]
pub struct SecurityHeaders {
    /// Whether browsers come by TLS.
    pub is_https: bool,
}

impl SecurityHeaders {
    /// Adds what the answer to a request for `path` does not say itself.
    pub fn add(self, path: &str, headers: &mut HeaderMap) {
        let mut add = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        // Not `no-referrer`: under it browsers send `Origin: null` with our own forms.
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

/// Who keeps a handle of our window. Relying parties open the sign-in in a popup and wait for it to come back to
/// their own page; any value but `unsafe-none` takes the popup from its opener for good, also
/// `same-origin-allow-popups`, which speaks of popups that *we* open. So the road of a sign-in gives way — it
/// cannot be framed, its forms need a token, and it tells an opener nothing — and everything else is closed.
fn opener_policy(path: &str) -> &'static str {
    let road = [Path::Authorize, Path::Consent, Path::Signout];
    let is_on_road = path.starts_with("/signin/") || road.iter().any(|page| page.is_root_of(path));
    if is_on_road { "unsafe-none" } else { "same-origin" }
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
    fn transport_security_is_promised_exactly_over_tls() {
        assert!(added("/", true).contains_key("strict-transport-security"));
        assert!(!added("/", false).contains_key("strict-transport-security"));
    }

    #[test]
    fn a_popup_of_a_relying_party_stays_in_touch_and_nothing_else_does() {
        for (path, expected) in [
            ("/authorize", "unsafe-none"),
            ("/signin/push", "unsafe-none"),
            ("/consent", "unsafe-none"),
            ("/token", "same-origin"),
            ("/authenticator/", "same-origin"),
            ("/authorized", "same-origin"),
        ] {
            assert_eq!(added(path, false)["cross-origin-opener-policy"], expected, "{path}");
        }
    }

    #[test]
    fn what_a_handler_says_is_left_alone() {
        let mut headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("public"))]);
        SecurityHeaders { is_https: false }.add("/", &mut headers);
        assert_eq!(headers[header::CACHE_CONTROL], "public");
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
    }
}
