//! The userinfo endpoint (OpenID Connect Core §5.3), by GET and by POST.

use super::{
    answer::{EndpointError, failed, json, to_bearer},
    request::{authorization, parameters},
};
use crate::{
    actions::tokens,
    app::{App, RequestContext},
    audit::Via,
    fault::Fault,
    http::form_type::has_form,
    protocol::{OAuthReason, Scope, bearer_token, userinfo_claims},
    web,
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
    match web::context(app, request, Via::Oidc).await {
        Ok(context) => to_bearer(&context.tenant, request, claims(app, &context, request, &body).await),
        Err(fault) => Ok(failed(request, &fault)),
    }
}

async fn claims(
    app: &App,
    context: &RequestContext,
    request: &Request,
    body: &[u8],
) -> Result<Response, EndpointError> {
    // RFC 6750 §2.2: only a method with a defined body may carry the token there, so a GET body is ignored.
    let is_form = request.method() == Method::POST && has_form(request);
    let form = if is_form { Some(parameters(request, body)?) } else { None };
    let token = bearer_token(&authorization(request), form.as_ref(), request.uri().query())?;
    let access = tokens::find_access(app, context, &token).await?;
    let access = access.ok_or(OAuthReason::AccessTokenUnusable)?;
    if !access.scopes.contains(Scope::OpenId) {
        return Err(OAuthReason::OpenidScopeMissing.into());
    }
    let claims = userinfo_claims(access.person_id, &access.claims, &access.scopes, &access.requested_claims);
    let body = serde_json::to_vec(&claims)
        .map_err(|error| Fault::because("cannot serialize a userinfo response as JSON", error))?;
    Ok(json(body))
}
