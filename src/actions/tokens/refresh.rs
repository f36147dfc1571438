//! Redemption and rotation of a refresh token (RFC 6749 §6, RFC 9700 §4.14).
//!
//! A lost response is repeated byte for byte for ten seconds. After that, or as soon as the new refresh token
//! was used, a replaced token counts as stolen. The owner and the thief cannot be distinguished, so the whole
//! grant (the family of RFC 9700) is revoked.

use super::{
    TokenError,
    issue::{Issue, RefreshTerms, refresh_end},
    stored_scopes,
};
use crate::{
    actions::{Action, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    directory::{Client, TokenLifetime},
    fault::Fault,
    keys::token_bound,
    limits::lifetimes::REFRESH_REPEAT_SECONDS,
    protocol::{
        GrantType, OAuthReason, RefreshToken, RefreshTokenRecord, RefreshTokenRequest, check_refresh,
    },
    storage::{
        audit::about_grant,
        grants, liveness,
        refresh_tokens::{self, PresentedRefreshToken},
    },
};
use serde::Deserialize;

/// Issues new tokens, or repeats the tokens that were issued a moment ago. Returns the JSON of the token
/// response.
///
/// # Errors
/// [`TokenError::Refused`] for a token that is not this client's, that fails a check, or that was used before:
/// then its grant ends.
pub async fn refresh(
    app: &App,
    context: &RequestContext,
    client: &Client,
    request: &RefreshTokenRequest,
) -> Result<Vec<u8>, TokenError> {
    let presented = find(app, context, client, request).await?;
    if presented.token.redeemed_at.is_none()
        && let Some(body) = rotate(app, context, client, request, &presented).await?
    {
        return Ok(body);
    }
    // The token was used before, or a concurrent request was faster: its response is stored now. Or its grant has
    // ended.
    repeat(app, context, client, request, &find(app, context, client, request).await?).await
}

/// Finds the token if it belongs to this client. The lookup consumes nothing.
async fn find(
    app: &App,
    context: &RequestContext,
    client: &Client,
    request: &RefreshTokenRequest,
) -> Result<PresentedRefreshToken, TokenError> {
    let hash = request.refresh_token.hash();
    let found = refresh_tokens::find(&app.storage, context.tenant.workspace.id, hash.as_bytes()).await?;
    let own = found.filter(|found| found.grant.client_key == client.key);
    Ok(own.ok_or(OAuthReason::RefreshTokenUnusable)?)
}

/// Replaces the token by new ones; `None` when a concurrent request was faster, or its grant is not live.
async fn rotate(
    app: &App,
    context: &RequestContext,
    client: &Client,
    request: &RefreshTokenRequest,
    presented: &PresentedRefreshToken,
) -> Result<Option<Vec<u8>>, TokenError> {
    let PresentedRefreshToken { token, grant, person } = presented;
    let record = record(presented, client)?;
    let scopes = check_refresh(&record, client, request, context.now)?;
    let refresh = Some(RefreshTerms { scopes: record.scopes, absolute_until: record.absolute_until });
    let tenant = &context.tenant;
    let issue = Issue { tenant, client, grant, person, scopes: &scopes, nonce: None, refresh };
    let mut issued = issue.prepare(app, context.now).await?;
    let sealed = token_bound::seal(request.refresh_token.reveal(), &issued.body);
    let body = std::mem::take(&mut issued.body);

    let until = context.now.plus_seconds(REFRESH_REPEAT_SECONDS);
    let action = Action::begin(app, context, Right::Client(client.key)).await?;
    if !refresh_tokens::redeem(&action.tx, &token.hash, sealed, until, context.now).await? {
        return Ok(None);
    }
    issued.insert(&action.tx).await?;
    let event = AuditEvent::TokensIssued { grant_type: GrantType::RefreshToken.as_str() };
    action.audit(&event, about_grant(grant)).await?;
    action.commit().await?;
    Ok(Some(body))
}

/// The refresh token in a stored response.
#[derive(Deserialize)]
struct Successor<'a> {
    refresh_token: &'a str,
}

/// Repeats the stored response while that is allowed; afterwards revokes the grant and audits the reuse.
async fn repeat(
    app: &App,
    context: &RequestContext,
    client: &Client,
    request: &RefreshTokenRequest,
    presented: &PresentedRefreshToken,
) -> Result<Vec<u8>, TokenError> {
    let token = &presented.token;
    if !liveness::is_live(&app.storage, presented.grant.id, context.now).await? {
        return Err(OAuthReason::RefreshTokenUnusable.into());
    }
    let is_fresh = token.answer_until.is_some_and(|until| context.now < until);
    let sealed = token.answer_sealed.as_deref().filter(|_| is_fresh);
    let answer = sealed.and_then(|sealed| token_bound::open(request.refresh_token.reveal(), sealed));
    if let Some(body) = answer
        && !has_arrived(app, context, &body).await?
    {
        return Ok(body);
    }
    let action = Action::begin(app, context, Right::Client(client.key)).await?;
    grants::revoke(&action.tx, presented.grant.id, context.now).await?;
    action.audit(&AuditEvent::RefreshTokenReused, about_grant(&presented.grant)).await?;
    action.commit().await?;
    Err(OAuthReason::RefreshTokenUnusable.into())
}

/// Whether a response is known to have arrived: its refresh token was used or no longer exists.
async fn has_arrived(app: &App, context: &RequestContext, body: &[u8]) -> Result<bool, Fault> {
    let successor: Option<Successor<'_>> = serde_json::from_slice(body).ok();
    let Some(token) = successor.and_then(|successor| RefreshToken::parse(successor.refresh_token)) else {
        return Ok(false);
    };
    let workspace = context.tenant.workspace.id;
    let found = refresh_tokens::find(&app.storage, workspace, token.hash().as_bytes()).await?;
    Ok(found.is_none_or(|found| found.token.redeemed_at.is_some()))
}

/// Converts the rows into the record that `protocol` checks. Lifetimes that the client has shortened since bind the tokens
/// that it has; longer ones do not revive them.
fn record(presented: &PresentedRefreshToken, client: &Client) -> Result<RefreshTokenRecord, Fault> {
    let idle = client.settings.token_lifetimes.seconds(TokenLifetime::RefreshTokenIdleSeconds);
    let PresentedRefreshToken { token, grant, .. } = presented;
    Ok(RefreshTokenRecord {
        grant_id: grant.id,
        client_key: grant.client_key,
        scopes: stored_scopes(&token.scopes, &grant.id)?,
        idle_until: token.idle_until.min(token.issued_at.plus_seconds(idle)),
        absolute_until: token.absolute_until.min(refresh_end(client, grant)),
    })
}
