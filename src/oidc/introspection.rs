//! The introspection endpoint (RFC 7662). A client sees its own tokens; all others are inactive to it.

use super::{
    answer::{EndpointError, json},
    client::{ClientRequest, respond},
};
use crate::{
    actions::tokens,
    app::App,
    http::urls::Path,
    protocol::{ActiveToken, PresentedToken, introspection_response, require_confidential},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Reports whether a token is live and for what it is valid.
#[handler]
pub async fn introspection_endpoint(
    request: &Request,
    body: Vec<u8>,
    Data(app): Data<&Arc<App>>,
) -> Result<Response> {
    respond(app, (request, &body), Path::Introspect, |from| describe(app, from)).await
}

async fn describe(app: &App, from: ClientRequest) -> Result<Response, EndpointError> {
    let ClientRequest { client, context, form } = from;
    require_confidential(&client)?;
    let token = PresentedToken::parse(&form)?;
    let live = tokens::find_live(app, &context, &client, &token).await?;
    let described = live.as_ref().map(|live| ActiveToken {
        issuer: context.tenant.issuer(),
        client_id: &client.client_id,
        subject: live.person_id,
        scopes: &live.scopes,
        issued_at: live.issued_at,
        expires_at: live.expires_at,
        auth_time: live.auth_time,
        acr: live.acr.as_deref(),
        token_type: matches!(token, PresentedToken::Access(_)).then_some("Bearer"),
    });
    Ok(json(introspection_response(described.as_ref()).to_string()))
}
