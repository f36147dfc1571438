//! A page of the theme as an answer.

use crate::{
    storage::{Cause, Fault},
    themes::{Page, QrFault, RenderFault, render},
};
use http::header;
use poem::Response;

/// The template, the kind of mistake and its line; the library's own words may repeat a value of the page.
impl From<RenderFault> for Cause {
    fn from(fault: RenderFault) -> Self {
        Self::in_words(fault.in_words())
    }
}

/// Names a length alone.
impl From<QrFault> for Cause {
    fn from(fault: QrFault) -> Self {
        Self::of(&fault)
    }
}

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
