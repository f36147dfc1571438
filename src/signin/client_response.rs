//! The authorization response, which the browser carries to the relying party.

use crate::{
    actions::sign_in::Exit,
    app::RequestContext,
    protocol::{AuthorizationResponse, ResponseMode},
    themes::{FormPostField, FormPostPage},
    web::page,
};
use http::{HeaderName, HeaderValue};
use poem::{Response, Result};

/// Leads the browser out of a sign-in.
pub(super) fn leave(context: &RequestContext, exit: &Exit) -> Result<Response> {
    match exit {
        Exit::Respond { response, application } => redirect_to_client(context, response, application),
        Exit::GoTo(path) => page::see_other(&context.tenant.urls.local(*path)),
    }
}

/// Sends an authorization response to the relying party through the browser, in the request's response mode.
pub(super) fn redirect_to_client(
    context: &RequestContext,
    response: &AuthorizationResponse,
    application: &str,
) -> Result<Response> {
    if response.response_mode() != ResponseMode::FormPost {
        return page::see_other(&response.location());
    }
    let field =
        |(name, value): &(&'static str, String)| FormPostField { name: (*name).into(), value: value.clone() };
    let form = FormPostPage {
        frame: page::frame(context),
        application: application.to_owned(),
        redirect_uri: response.redirect_uri().as_str().to_owned(),
        fields: response.form_fields().iter().map(field).collect(),
    };
    let mut response = page::show(&form)?;
    // Send the origin as referrer: many relying parties check it, and `null` would fail their check.
    response
        .headers_mut()
        .insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("origin"));
    Ok(response)
}
