//! What a live token is worth: for the resource that it opens, and for the client that it was issued to.

use super::stored_scopes;
use crate::{
    app::{App, RequestContext},
    clock::Timestamp,
    directory::{Client, StandardClaims},
    fault::Fault,
    protocol::{AccessToken, ClaimsParameter, PresentedToken, RefreshToken, ScopeSet},
    storage::{
        access_tokens::{self, LiveAccessToken},
        liveness, refresh_tokens,
    },
};
use ::entity::ids::PersonId;

/// The data that a live access token opens.
#[derive(Clone, Debug)]
pub struct Access {
    /// The person whose data it is.
    pub person_id: PersonId,
    /// The scopes of the token.
    pub scopes: ScopeSet,
    /// The person's standard claims.
    pub claims: StandardClaims,
    /// The `claims` parameter of the authorization request.
    pub requested_claims: ClaimsParameter,
}

/// A live token, as its client may see it (RFC 7662 §2.2).
#[derive(Clone, Debug)]
pub struct LiveToken {
    /// The person whose data it opens.
    pub person_id: PersonId,
    /// Its scopes.
    pub scopes: ScopeSet,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires at the latest, if it is not used.
    pub expires_at: Timestamp,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// The assurance that was reached.
    pub acr: Option<String>,
}

/// Returns what `token` opens; `None` when it is not live, or its client is disabled or of another tenant.
///
/// # Errors
/// When its scopes cannot be read, or the database does not answer.
pub async fn find_access(
    app: &App,
    context: &RequestContext,
    token: &AccessToken,
) -> Result<Option<Access>, Fault> {
    let live = live_access_token(app, context, token).await?;
    let Some(live) = live else { return Ok(None) };
    Ok(Some(Access {
        person_id: live.person_id,
        scopes: stored_scopes(&live.scopes, &live.grant_id)?,
        claims: live.claims(),
        requested_claims: live.requested_claims(),
    }))
}

/// Returns a token of `client`; `None` when it is not live, or another client's.
///
/// # Errors
/// When its scopes cannot be read, or the database does not answer.
pub async fn find_live(
    app: &App,
    context: &RequestContext,
    client: &Client,
    token: &PresentedToken,
) -> Result<Option<LiveToken>, Fault> {
    match token {
        PresentedToken::Access(token) => access_token(app, context, client, token).await,
        PresentedToken::Refresh(token) => refresh_token(app, context, client, token).await,
        PresentedToken::Unknown => Ok(None),
    }
}

/// Finds the tenant's live access token.
async fn live_access_token(
    app: &App,
    context: &RequestContext,
    token: &AccessToken,
) -> Result<Option<LiveAccessToken>, Fault> {
    let (workspace, hash) = (context.tenant.workspace.id, token.hash());
    access_tokens::find_live(&app.storage, workspace, hash.as_bytes(), context.now).await
}

async fn access_token(
    app: &App,
    context: &RequestContext,
    client: &Client,
    token: &AccessToken,
) -> Result<Option<LiveToken>, Fault> {
    let live = live_access_token(app, context, token).await?;
    let Some(live) = live.filter(|live| live.client_key == client.key) else { return Ok(None) };
    Ok(Some(LiveToken {
        person_id: live.person_id,
        scopes: stored_scopes(&live.scopes, &live.grant_id)?,
        issued_at: live.issued_at,
        expires_at: live.expires_at,
        auth_time: live.auth_time,
        acr: live.acr,
    }))
}

async fn refresh_token(
    app: &App,
    context: &RequestContext,
    client: &Client,
    token: &RefreshToken,
) -> Result<Option<LiveToken>, Fault> {
    let found =
        refresh_tokens::find(&app.storage, context.tenant.workspace.id, token.hash().as_bytes()).await?;
    let unused = found.filter(|found| found.grant.client_key == client.key && found.is_unused(context.now));
    let Some(live) = unused else { return Ok(None) };
    if !liveness::is_live(&app.storage, live.grant.id, context.now).await? {
        return Ok(None);
    }
    Ok(Some(LiveToken {
        person_id: live.person.id,
        scopes: stored_scopes(&live.token.scopes, &live.grant.id)?,
        issued_at: live.token.issued_at,
        expires_at: live.token.idle_until.min(live.token.absolute_until),
        auth_time: live.grant.auth_time,
        acr: live.grant.acr,
    }))
}
