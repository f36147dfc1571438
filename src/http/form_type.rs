//! Recognizes form bodies by their Content-Type (HTML, `application/x-www-form-urlencoded`).

use super::fields::single;
use http::header;
use poem::Request;

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Whether the Content-Type is that of a form; parameters are ignored, and the bytes are read as UTF-8.
pub fn has_form(request: &Request) -> bool {
    let content_type = single(request.headers(), header::CONTENT_TYPE).text().unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_are_ignored_and_another_type_is_no_form() {
        let said = |content_type: &str| has_form(&Request::builder().content_type(content_type).finish());
        for content_type in [FORM, "Application/X-WWW-Form-URLEncoded; charset=utf-8"] {
            assert!(said(content_type), "{content_type}");
        }
        for content_type in ["text/plain", "multipart/form-data; boundary=x", "application/json", ""] {
            assert!(!said(content_type), "{content_type}");
        }
        assert!(!has_form(&Request::builder().finish()));
    }
}
