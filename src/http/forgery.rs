//! Requests that another site made the browser send (CSRF): refused by what browsers say of themselves (Fetch
//! metadata, `Origin`), and by a token that only our own page for this browser could hold.

use crate::http::urls::PublicUrl;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, header};

/// Why a form is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forgery {
    /// `Sec-Fetch-Site` says that another site sent it.
    #[error("This form was sent from another site. Open this server's own page and try again.")]
    OtherSite,
    /// `Origin` is not ours.
    #[error("This form was sent from another address than the one this server is configured for.")]
    OtherOrigin,
    /// The token is missing, or was made for another browser.
    #[error("This form is too old or belongs to another browser. Go back, reload the page and try again.")]
    WrongToken,
}

/// Refuses a form that another site sent. Says nothing about requests of clients that are no browsers: they send
/// neither field, and hold no cookie worth stealing.
pub fn check_site(headers: &HeaderMap, public_url: &PublicUrl) -> Result<(), Forgery> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = text("sec-fetch-site");
    // `none`: typed or bookmarked by the person; a reload of a POST is one.
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(Forgery::OtherSite);
    }
    match text(header::ORIGIN.as_str()) {
        None => Ok(()),
        Some(origin) if origin == public_url.as_str() => Ok(()),
        // A privacy setting hides the origin; the browser's own word for the site has been heard.
        Some("null") if site.is_some() => Ok(()),
        Some(_) => Err(Forgery::OtherOrigin),
    }
}

/// The key of form tokens.
#[derive(Clone, Debug)]
pub struct FormTokens(hmac::Key);

impl FormTokens {
    /// Tokens under this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The token for forms shown to the browser or session whose secret cookie is `binding`.
    pub fn issue(&self, binding: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, &message(binding)))
    }

    /// Whether `token` was issued for `binding`; in constant time.
    pub fn verify(&self, binding: &str, token: &str) -> Result<(), Forgery> {
        let mac = URL_SAFE_NO_PAD.decode(token).map_err(|_| Forgery::WrongToken)?;
        hmac::verify(&self.0, &message(binding), &mac).map_err(|_| Forgery::WrongToken)
    }
}

/// What is authenticated: no other use of the key can collide with it.
fn message(binding: &str) -> Vec<u8> {
    [b"countersign-form\0".as_slice(), binding.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(pairs: &[(&'static str, &str)]) -> Result<(), Forgery> {
        let headers =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        check_site(&headers, &PublicUrl::new("https://id.example"))
    }

    #[test]
    fn our_own_forms_pass() {
        for headers in [
            &[("sec-fetch-site", "same-origin"), ("origin", "https://id.example")] as &[_],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://id.example")],
            &[],
        ] {
            assert_eq!(site(headers), Ok(()), "{headers:?}");
        }
    }

    #[test]
    fn forms_of_other_sites_do_not() {
        for (headers, expected) in [
            (&[("sec-fetch-site", "cross-site")] as &[_], Forgery::OtherSite),
            (&[("sec-fetch-site", "same-site"), ("origin", "https://id.example")], Forgery::OtherSite),
            (&[("sec-fetch-site", "Same-Origin")], Forgery::OtherSite),
            (&[("origin", "https://evil.example")], Forgery::OtherOrigin),
            (&[("origin", "https://id.example.evil.example")], Forgery::OtherOrigin),
            (&[("origin", "http://id.example")], Forgery::OtherOrigin),
            (&[("origin", "https://id.example:8443")], Forgery::OtherOrigin),
            (&[("origin", "null")], Forgery::OtherOrigin),
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], Forgery::OtherOrigin),
        ] {
            assert_eq!(site(headers), Err(expected), "{headers:?}");
        }
    }

    #[test]
    fn a_token_serves_one_browser_under_one_key() {
        let tokens = FormTokens::new(&[1; 32]);
        let token = tokens.issue("browser-a");
        assert_eq!(tokens.verify("browser-a", &token), Ok(()));
        assert_eq!(tokens.verify("browser-b", &token), Err(Forgery::WrongToken));
        assert_eq!(FormTokens::new(&[2; 32]).verify("browser-a", &token), Err(Forgery::WrongToken));
        for wrong in ["", "A", &token[1..], &format!("{token}A"), "ä"] {
            assert_eq!(tokens.verify("browser-a", wrong), Err(Forgery::WrongToken), "{wrong}");
        }
    }
}
