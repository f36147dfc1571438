//! Whether a body is said to be a form (HTML, `application/x-www-form-urlencoded`).

use http::header;
use poem::Request;

/// What every form is said to be.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Whether the body is said to be a form, in any encoding: its bytes are read as UTF-8.
pub fn has_form(request: &Request) -> bool {
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_say_nothing_and_another_type_is_no_form() {
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
