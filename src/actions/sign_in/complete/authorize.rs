//! Ends the sign-in of an authorization request with a grant and an authorization code.

use crate::{
    actions::sign_in::{completion::Exit, submission::Submission},
    audit::AuditEvent,
    directory::TokenLifetime,
    fault::Fault,
    journey::Assurance,
    protocol::{AuthorizationCode, AuthorizationRequest, Scope, ScopeSet},
    storage::{
        codes, consents,
        grants::{self, Grant},
    },
};
use ::entity::ids::{BrowserSessionId, GrantId, PersonId};

/// Writes the grant, its code, and the consent that was given; leaves with the code.
pub(super) async fn succeed(
    submission: &Submission<'_>,
    request: &AuthorizationRequest,
    assurance: &Assurance,
    session: BrowserSessionId,
) -> Result<Exit, Fault> {
    let (app, tx) = (submission.visit.app, submission.tx());
    let code = AuthorizationCode::random(app.entropy.as_ref());
    let grant = grant_of(submission, request, assurance, session);
    let lifetimes = &submission.sign_in.client.settings.token_lifetimes;
    let seconds = lifetimes.seconds(TokenLifetime::AuthorizationCodeSeconds);
    let row = codes::AuthorizationCodeRow {
        hash: code.hash().as_bytes().to_vec(),
        grant_id: grant.id,
        redirect_uri: request.return_address.redirect_uri.as_str().to_owned(),
        code_challenge: request.code_challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
        nonce: request.nonce.as_ref().map(|nonce| nonce.as_str().to_owned()),
        expires_at: submission.now().plus_seconds(seconds),
        redeemed_at: None,
    };
    remember_consent(submission, assurance.person).await?;
    grants::insert_grant(tx, grant).await?;
    codes::insert_code(tx, row).await?;
    let response = request.succeed(&code, submission.sign_in.tenant.issuer());
    Ok(Exit::Respond { response, application: submission.sign_in.application().to_owned() })
}

fn grant_of(
    submission: &Submission<'_>,
    request: &AuthorizationRequest,
    assurance: &Assurance,
    session: BrowserSessionId,
) -> Grant {
    let (sign_in, now) = (&submission.sign_in, submission.now());
    // With `offline_access` the grant outlives the session. It then ends with the consent, a password change,
    // or when the person is disabled.
    let is_offline = request.scopes.contains(Scope::OfflineAccess);
    let amr: Vec<&str> = assurance.amr.iter().map(|method| method.as_str()).collect();
    Grant {
        id: GrantId(submission.visit.app.entropy.id(now)),
        workspace_id: sign_in.client.workspace_id,
        client_key: sign_in.client.key,
        person_id: assurance.person,
        session_id: Some(session),
        ends_with_session: !is_offline,
        scopes: request.scopes.to_string(),
        claims: (!request.claims.is_empty()).then(|| serde_json::to_value(&request.claims).ok()).flatten(),
        auth_time: assurance.auth_time,
        acr: Some(assurance.acr.as_str().to_owned()),
        amr: amr.join(" "),
        created_at: now,
        revoked_at: None,
        authenticator_id: assurance.relies_on,
    }
}

/// Adds the scopes that the person allowed in this sign-in to those that they had allowed before.
async fn remember_consent(submission: &Submission<'_>, person: PersonId) -> Result<(), Fault> {
    let (tx, sign_in) = (submission.tx(), &submission.sign_in);
    if !sign_in.journey().is_consented() {
        return Ok(());
    }
    let client = sign_in.client.key;
    let remembered = consents::find(tx, client, person).await?;
    let remembered = remembered.and_then(|scopes| ScopeSet::parse(&scopes).ok()).unwrap_or_default();
    let scopes = remembered.union(&sign_in.purpose().scopes_to_consent()).to_string();
    consents::save(tx, client, person, &scopes, submission.now()).await?;
    let event = AuditEvent::ConsentGiven { scopes: scopes.split(' ').map(str::to_owned).collect() };
    submission.audit(&event, sign_in.about()).await
}
