//! Protection against cross-site request forgery (CSRF) by the browser's own headers: Fetch metadata and
//! `Origin`. `web::form` calls this check, and after it the check of the token that binds a form to its
//! browser, which is in `web::browser`.

use crate::http::{
    fields::{Single, single},
    urls::PublicUrl,
};
use http::{HeaderMap, header};

/// Why a form is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrossSiteRequest {
    /// `Sec-Fetch-Site` names another site.
    #[error("This form was sent from another site. Open this server's own page and try again.")]
    OtherSite,
    /// `Origin` differs from the public URL.
    #[error("This form was sent from another address than the one this server is configured for.")]
    OtherOrigin,
}

/// Refuses a form that another site sent. Checks each of the two headers that is present. A request with
/// neither passes: it comes from a client that is no browser and has no person's cookie.
pub fn check_site(headers: &HeaderMap, public_url: &PublicUrl) -> Result<(), CrossSiteRequest> {
    // A value that cannot be read is none that is accepted below.
    let text = |name: &str| match single(headers, name) {
        Single::Absent => None,
        Single::Text(text) => Some(text),
        Single::Unusable => Some("unusable"),
    };
    let site = text("sec-fetch-site");
    // `none`: the person typed the address, opened a bookmark, or reloaded the response to a POST.
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(CrossSiteRequest::OtherSite);
    }
    match text(header::ORIGIN.as_str()) {
        None => Ok(()),
        Some(origin) if origin == public_url.as_str() => Ok(()),
        // A privacy setting hides the origin; `Sec-Fetch-Site` was checked above.
        Some("null") if site.is_some() => Ok(()),
        Some(_) => Err(CrossSiteRequest::OtherOrigin),
    }
}

/// Returns whether the browser says that another site sent the request, so that it may lack the browser's cookies.
pub fn is_cross_site(headers: &HeaderMap) -> bool {
    single(headers, "sec-fetch-site").text() == Some("cross-site")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(pairs: &[(&'static str, &str)]) -> Result<(), CrossSiteRequest> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        check_site(&headers, &PublicUrl::new("https://id.example"))
    }

    #[test]
    fn forms_of_this_server_are_accepted() {
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
    fn forms_of_other_sites_are_refused() {
        for (headers, expected) in [
            (&[("sec-fetch-site", "cross-site")] as &[_], CrossSiteRequest::OtherSite),
            (
                &[("sec-fetch-site", "same-site"), ("origin", "https://id.example")],
                CrossSiteRequest::OtherSite,
            ),
            (&[("sec-fetch-site", "Same-Origin")], CrossSiteRequest::OtherSite),
            (&[("origin", "https://evil.example")], CrossSiteRequest::OtherOrigin),
            (&[("origin", "https://id.example.evil.example")], CrossSiteRequest::OtherOrigin),
            (&[("origin", "http://id.example")], CrossSiteRequest::OtherOrigin),
            (&[("origin", "https://id.example:8443")], CrossSiteRequest::OtherOrigin),
            (&[("origin", "null")], CrossSiteRequest::OtherOrigin),
            (
                &[("origin", "https://id.example"), ("origin", "https://evil.example")],
                CrossSiteRequest::OtherOrigin,
            ),
            (
                &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
                CrossSiteRequest::OtherSite,
            ),
            (
                &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
                CrossSiteRequest::OtherOrigin,
            ),
        ] {
            assert_eq!(site(headers), Err(expected), "{headers:?}");
        }
    }
}
