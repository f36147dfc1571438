//! Revokes a token of a client (RFC 7009 §2.1): an access token alone, a refresh token with its whole grant.

use super::TokenError;
use crate::{
    actions::{Action, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    directory::Client,
    fault::Fault,
    protocol::{OAuthReason, PresentedToken},
    storage::{
        access_tokens,
        audit::about_grant,
        grants::{self, Grant},
        refresh_tokens,
    },
};

/// Revokes `token`. One that does not exist, or whose grant has ended, needs no revocation.
///
/// # Errors
/// [`TokenError::Refused`] for a token of another client, which stays valid.
pub async fn revoke(
    app: &App,
    context: &RequestContext,
    client: &Client,
    token: &PresentedToken,
) -> Result<(), TokenError> {
    let Some(grant) = find_grant(app, context, token).await? else { return Ok(()) };
    if grant.client_key != client.key {
        return Err(OAuthReason::TokenOfAnotherClient.into());
    }
    if grant.revoked_at.is_some() {
        return Ok(());
    }
    let action = Action::begin(app, context, Right::Client(grant.client_key)).await?;
    match token {
        PresentedToken::Access(token) => {
            access_tokens::revoke(&action.tx, token.hash().as_bytes(), context.now).await?;
        }
        PresentedToken::Refresh(_) | PresentedToken::Unknown => {
            grants::revoke(&action.tx, grant.id, context.now).await?;
        }
    }
    action.audit(&AuditEvent::TokenRevoked, about_grant(&grant)).await?;
    Ok(action.commit().await?)
}

/// Finds the grant of a token, whatever the state of either.
async fn find_grant(
    app: &App,
    context: &RequestContext,
    token: &PresentedToken,
) -> Result<Option<Grant>, Fault> {
    let workspace = context.tenant.workspace.id;
    match token {
        PresentedToken::Access(token) => {
            access_tokens::find_grant(&app.storage, workspace, token.hash().as_bytes()).await
        }
        PresentedToken::Refresh(token) => {
            let found = refresh_tokens::find(&app.storage, workspace, token.hash().as_bytes()).await?;
            Ok(found.map(|found| found.grant))
        }
        PresentedToken::Unknown => Ok(None),
    }
}
