//! The userinfo endpoint (OpenID Connect Core §5.3), by GET and by POST.

use super::{
    answer::{EndpointError, json, to_bearer},
    call::Call,
};
use crate::{
    app::App,
    directory::StandardClaims,
    http::form_type::has_form,
    protocol::{OAuthReason, Scope, ScopeSet, bearer_token, userinfo_claims},
    storage::{Fault, access_tokens},
};
use http::Method;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Returns the claims that the access token allows.
#[handler]
pub async fn userinfo_endpoint(
    request: &Request,
    body: Vec<u8>,
    Data(app): Data<&Arc<App>>,
) -> Result<Response> {
    let call = Call::new(app, request);
    to_bearer(&call, claims(&call, &body).await)
}

async fn claims(call: &Call<'_>, body: &[u8]) -> Result<Response, EndpointError> {
    // RFC 6750 §2.2: only a method with a defined body may carry the token there, so a GET body is ignored.
    let is_form = call.request.method() == Method::POST && has_form(call.request);
    let form = if is_form { Some(call.form(body)?) } else { None };
    let token = bearer_token(&call.authorization(), form.as_ref())?;
    let live = access_tokens::find_live(&call.app.storage, token.hash().as_bytes(), call.now).await?;
    let live = live.ok_or(OAuthReason::AccessTokenUnusable)?;
    let client = call.app.directory.client(live.client_key).await?;
    if client.is_disabled || client.workspace_id != call.app.directory.workspace().await?.id {
        return Err(OAuthReason::AccessTokenUnusable.into());
    }
    let scopes = ScopeSet::parse(&live.scopes).unwrap_or_default();
    if !scopes.contains(Scope::OpenId) {
        return Err(OAuthReason::OpenidScopeMissing.into());
    }
    let broken = |error| Fault::because(format!("cannot read person.claims of {}", live.person_id), error);
    let recorded: StandardClaims = serde_json::from_str(&live.person_claims).map_err(broken)?;
    let broken = |error| Fault::because(format!("cannot use grant.claims of {}", live.grant_id), error);
    let requested = live.claims_request.map(serde_json::from_value).transpose().map_err(broken)?;
    let claims = userinfo_claims(live.person_id, &recorded, &scopes, &requested.unwrap_or_default());
    Ok(json(serde_json::to_vec(&claims).map_err(broken)?))
}
