//! The revocation endpoint (RFC 7009): a client revokes its own tokens.

use super::{
    answer::{EndpointError, empty, to_client},
    call::Call,
    client, trail,
};
use crate::{
    app::App,
    audit::AuditEvent,
    directory::Client,
    http::urls::Path,
    protocol::{OAuthReason, PresentedToken},
    storage::{
        access_tokens,
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
    let call = Call::new(app, request);
    to_client(&call, end(&call, &body).await)
}

async fn end(call: &Call<'_>, body: &[u8]) -> Result<Response, EndpointError> {
    let form = call.form(body)?;
    let client = client::authenticate(call, &form, Path::Revoke).await?;
    match PresentedToken::parse(&form)? {
        PresentedToken::Access(token) => end_access_token(call, &client, token.hash().as_bytes()).await?,
        PresentedToken::Refresh(token) => end_grant(call, &client, token.hash().as_bytes()).await?,
        PresentedToken::Unknown => {}
    }
    Ok(empty())
}

async fn end_access_token(call: &Call<'_>, client: &Client, hash: &[u8]) -> Result<(), EndpointError> {
    let found = access_tokens::find_grant(&call.app.storage, hash).await?;
    let Some(grant) = own(client, found)? else { return Ok(()) };
    let tx = call.app.storage.begin().await?;
    access_tokens::revoke(&tx, hash, call.now).await?;
    trail::note_of_grant(call, &tx, &grant, &AuditEvent::TokenRevoked).await?;
    Ok(tx.commit().await?)
}

async fn end_grant(call: &Call<'_>, client: &Client, hash: &[u8]) -> Result<(), EndpointError> {
    let found = refresh_tokens::find(&call.app.storage, hash).await?;
    let Some(grant) = own(client, found.map(|found| found.grant))? else { return Ok(()) };
    let tx = call.app.storage.begin().await?;
    grants::revoke(&tx, grant.id, call.now).await?;
    trail::note_of_grant(call, &tx, &grant, &AuditEvent::TokenRevoked).await?;
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
