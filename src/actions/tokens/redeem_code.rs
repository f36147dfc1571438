//! Redemption of an authorization code (RFC 6749 §4.1.3): at most once, even if it fails.

use super::{
    TokenError,
    issue::{Issue, Issued, RefreshTerms, refresh_end},
    stored_scopes,
};
use crate::{
    actions::{Action, ActionError, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    directory::Client,
    fault::Fault,
    protocol::{
        AuthorizationCodeRecord, AuthorizationCodeRequest, CodeChallenge, GrantType, Nonce, OAuthReason,
        check_redemption, is_refresh_token_owed,
    },
    storage::{
        audit::about_grant,
        codes::{self, AuthorizationCodeRow, Redemption},
        grants::Grant,
        liveness, people,
    },
};

/// Issues tokens for a code. Slow work is done before the code is consumed by a single statement; a code that
/// fails a check is consumed as well and stays used. Returns the JSON of the token response.
///
/// # Errors
/// [`TokenError::Refused`] for a code that is not this client's, that fails a check, or that this client has used
/// before: then its grant ends.
pub async fn redeem_code(
    app: &App,
    context: &RequestContext,
    client: &Client,
    request: &AuthorizationCodeRequest,
) -> Result<Vec<u8>, TokenError> {
    let hash = request.code.hash();
    let found = codes::find(&app.storage, context.tenant.workspace.id, hash.as_bytes()).await?;
    let (code, grant) = found.ok_or(OAuthReason::AuthorizationCodeUnusable)?;
    if grant.client_key != client.key {
        return Err(refuse_other_client(app, context, client, &code, &grant).await?);
    }
    let prepared = prepare(app, context, client, request, (&code, &grant)).await;
    if let Err(TokenError::Failed(fault)) = prepared {
        return Err(fault.into());
    }

    let action = Action::begin(app, context, Right::Client(client.key)).await?;
    match codes::redeem(&action.tx, hash.as_bytes(), context.now).await? {
        Redemption::Won => {}
        Redemption::Again => {
            action.audit(&AuditEvent::CodeReplayed, about_grant(&grant)).await?;
            action.commit().await?;
            return Err(OAuthReason::AuthorizationCodeUnusable.into());
        }
        Redemption::Unknown => return Err(OAuthReason::AuthorizationCodeUnusable.into()),
    }
    let is_live = liveness::is_live(&action.tx, grant.id, context.now).await?;
    let body = match prepared {
        Ok(_) if !is_live => Err(OAuthReason::AuthorizationCodeUnusable.into()),
        Ok(mut issued) => {
            let body = std::mem::take(&mut issued.body);
            issued.insert(&action.tx).await?;
            let event = AuditEvent::TokensIssued { grant_type: GrantType::AuthorizationCode.as_str() };
            action.audit(&event, about_grant(&grant)).await?;
            Ok(body)
        }
        Err(refused) => Err(refused),
    };
    action.commit().await?;
    body
}

/// Refuses a client that sends the code of another one. An unused code has leaked, and is used up. A used one revokes
/// nothing: otherwise anyone who has seen an old code could end the tokens of its client.
async fn refuse_other_client(
    app: &App,
    context: &RequestContext,
    client: &Client,
    code: &AuthorizationCodeRow,
    grant: &Grant,
) -> Result<TokenError, Fault> {
    if code.redeemed_at.is_none() {
        let action = Action::begin(app, context, Right::Client(client.key)).await;
        let action = action.map_err(ActionError::into_fault)?;
        if codes::use_up(&action.tx, &code.hash, context.now).await? {
            action.audit(&AuditEvent::CodeOfAnotherClient, about_grant(grant)).await?;
        }
        action.commit().await?;
    }
    Ok(OAuthReason::AuthorizationCodeUnusable.into())
}

/// Prepares the tokens if the code passes every check.
async fn prepare(
    app: &App,
    context: &RequestContext,
    client: &Client,
    request: &AuthorizationCodeRequest,
    (code, grant): (&AuthorizationCodeRow, &Grant),
) -> Result<Issued, TokenError> {
    let record = record(code, grant)?;
    check_redemption(&record, client, request, context.now)?;
    let person = people::get(&app.storage, grant.person_id).await?;
    if code.redeemed_at.is_some() {
        return Err(OAuthReason::AuthorizationCodeUnusable.into());
    }
    let scopes = stored_scopes(&grant.scopes, &grant.id)?;
    let refresh = is_refresh_token_owed(client, &scopes)
        .then(|| RefreshTerms { scopes: scopes.clone(), absolute_until: refresh_end(client, grant) });
    let nonce = record.nonce.as_ref();
    let tenant = &context.tenant;
    let issue = Issue { tenant, client, grant, person: &person, scopes: &scopes, nonce, refresh };
    Ok(issue.prepare(app, context.now).await?)
}

/// Converts the rows into the record that `protocol` checks.
fn record(code: &AuthorizationCodeRow, grant: &Grant) -> Result<AuthorizationCodeRecord, Fault> {
    let broken = |column| {
        Fault::broken(format!("the authorization code of grant {} has a malformed {column}", grant.id))
    };
    let challenge = |text: &String| CodeChallenge::parse(text).ok_or_else(|| broken("code_challenge"));
    let nonce = |text: &String| Nonce::parse(text).ok_or_else(|| broken("nonce"));
    Ok(AuthorizationCodeRecord {
        grant_id: grant.id,
        client_key: grant.client_key,
        redirect_uri: code.redirect_uri.clone(),
        code_challenge: code.code_challenge.as_ref().map(challenge).transpose()?,
        nonce: code.nonce.as_ref().map(nonce).transpose()?,
        expires_at: code.expires_at,
    })
}
