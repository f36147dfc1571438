//! A page of the theme as an answer.

use crate::{
    storage::Fault,
    themes::{Page, render},
};
use http::header;
use poem::Response;

/// The page, with the policy that belongs to it.
///
/// # Errors
/// When its template is broken.
pub fn html<P: Page>(page: &P) -> Result<Response, Fault> {
    let text = render(page).map_err(|error| Fault::because("a page cannot be drawn", error))?;
    Ok(Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, P::FORM_TARGET.content_security_policy())
        .body(text))
}
