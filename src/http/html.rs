//! Pages of the theme as responses.

use crate::{
    fault::{Cause, Fault},
    themes::{Page, QrFault, RenderFault, render},
};
use http::header;
use poem::Response;

/// Keeps the template, the kind of error and its line; the library's own text may repeat a value of the page.
impl From<RenderFault> for Cause {
    fn from(fault: RenderFault) -> Self {
        Self::in_words(fault.in_words())
    }
}

/// The text contains only a length.
impl From<QrFault> for Cause {
    fn from(fault: QrFault) -> Self {
        Self::of(&fault)
    }
}

/// Renders a page as a response with its content security policy.
///
/// # Errors
/// When the page's template is broken.
pub fn html<P: Page>(page: &P) -> Result<Response, Fault> {
    let text = render(page).map_err(|error| Fault::because("a page cannot be rendered", error))?;
    Ok(Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, P::FORM_TARGET.content_security_policy())
        .body(text))
}
