//! The introspection endpoint (RFC 7662). A client sees its own tokens; all others are inactive to it.

use super::{
    answer::{EndpointError, json},
    client::{ClientRequest, respond},
};
use crate::{
    app::{App, RequestContext},
    directory::Client,
    fault::Fault,
    http::urls::Path,
    protocol::{
        AccessToken, ActiveToken, PresentedToken, RefreshToken, ScopeSet, introspection_response,
        require_confidential,
    },
    storage::{access_tokens, refresh_tokens},
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
    Ok(match PresentedToken::parse(&form)? {
        PresentedToken::Access(token) => access_token(app, &context, &client, &token).await?,
        PresentedToken::Refresh(token) => refresh_token(app, &context, &client, &token).await?,
        PresentedToken::Unknown => described(None),
    })
}

async fn access_token(
    app: &App,
    context: &RequestContext,
    client: &Client,
    token: &AccessToken,
) -> Result<Response, Fault> {
    let live = access_tokens::find_live(&app.storage, token.hash().as_bytes(), context.now).await?;
    let Some(live) = live.filter(|live| live.client_key == client.key) else { return Ok(described(None)) };
    let scopes = ScopeSet::parse(&live.scopes).unwrap_or_default();
    Ok(described(Some(ActiveToken {
        issuer: app.issuer(),
        client_id: &client.client_id,
        subject: live.person_id,
        scopes: &scopes,
        issued_at: live.issued_at,
        expires_at: live.expires_at,
        auth_time: live.auth_time,
        acr: live.acr.as_deref(),
        token_type: Some("Bearer"),
    })))
}

async fn refresh_token(
    app: &App,
    context: &RequestContext,
    client: &Client,
    token: &RefreshToken,
) -> Result<Response, Fault> {
    let presented = refresh_tokens::find(&app.storage, token.hash().as_bytes()).await?;
    let live = presented.filter(|found| found.grant.client_key == client.key && found.is_live(context.now));
    let Some(live) = live else { return Ok(described(None)) };
    let scopes = ScopeSet::parse(&live.token.scopes).unwrap_or_default();
    Ok(described(Some(ActiveToken {
        issuer: app.issuer(),
        client_id: &client.client_id,
        subject: live.person.id,
        scopes: &scopes,
        issued_at: live.token.issued_at,
        expires_at: live.token.idle_until.min(live.token.absolute_until),
        auth_time: live.grant.auth_time,
        acr: live.grant.acr.as_deref(),
        token_type: None,
    })))
}

fn described(token: Option<ActiveToken<'_>>) -> Response {
    json(introspection_response(token.as_ref()).to_string())
}
