//! The revocation endpoint (RFC 7009): a client revokes its own tokens.

use super::{
    answer::{EndpointError, empty},
    client::{ClientRequest, respond},
};
use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    directory::Client,
    http::urls::Path,
    protocol::{OAuthReason, PresentedToken},
    storage::{
        access_tokens,
        audit::about_grant,
        grants::{self, Grant},
        refresh_tokens,
    },
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Revokes an access token alone, or a refresh token with its whole grant (§2.1).
#[handler]
pub async fn revocation_endpoint(
    request: &Request,
    body: Vec<u8>,
    Data(app): Data<&Arc<App>>,
) -> Result<Response> {
    respond(app, (request, &body), Path::Revoke, |from| end(app, from)).await
}

async fn end(app: &App, from: ClientRequest) -> Result<Response, EndpointError> {
    let ClientRequest { client, context, form } = from;
    match PresentedToken::parse(&form)? {
        PresentedToken::Access(token) => {
            end_access_token(app, &context, &client, token.hash().as_bytes()).await?
        }
        PresentedToken::Refresh(token) => end_grant(app, &context, &client, token.hash().as_bytes()).await?,
        PresentedToken::Unknown => {}
    }
    Ok(empty())
}

async fn end_access_token(
    app: &App,
    context: &RequestContext,
    client: &Client,
    hash: &[u8],
) -> Result<(), EndpointError> {
    let found = access_tokens::find_grant(&app.storage, hash).await?;
    let Some(grant) = own(client, found)? else { return Ok(()) };
    let tx = app.storage.begin().await?;
    access_tokens::revoke(&tx, hash, context.now).await?;
    app.audit(&tx, context, &AuditEvent::TokenRevoked, about_grant(&grant)).await?;
    Ok(tx.commit().await?)
}

async fn end_grant(
    app: &App,
    context: &RequestContext,
    client: &Client,
    hash: &[u8],
) -> Result<(), EndpointError> {
    let found = refresh_tokens::find(&app.storage, hash).await?;
    let Some(grant) = own(client, found.map(|found| found.grant))? else { return Ok(()) };
    let tx = app.storage.begin().await?;
    grants::revoke(&tx, grant.id, context.now).await?;
    app.audit(&tx, context, &AuditEvent::TokenRevoked, about_grant(&grant)).await?;
    Ok(tx.commit().await?)
}

/// Returns the grant of the token if it is not revoked yet. A token of another client is refused and stays
/// valid (§2.1).
fn own(client: &Client, grant: Option<Grant>) -> Result<Option<Grant>, OAuthReason> {
    match grant {
        Some(grant) if grant.client_key != client.key => Err(OAuthReason::TokenOfAnotherClient),
        other => Ok(other.filter(|grant| grant.revoked_at.is_none())),
    }
}
