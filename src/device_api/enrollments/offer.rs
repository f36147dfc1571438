//! The offer to the key that has claimed an enrollment; the same each time.

use crate::{
    actions::enrollment::{Ceremony, Enrollment, pool_and_account},
    app::{App, Tenant},
    clock::Timestamp,
    device_api::policy::Policy,
    fault::Fault,
};
use poem_openapi::{Object, types::Any};
use serde_json::Value;

/// The data that a device needs to register.
#[derive(Object)]
pub struct Offer {
    /// `enr_…`
    enrollment: String,
    /// The `aud` of everything the device signs from now on.
    issuer: String,
    /// The display name of the server's operator.
    display_name: String,
    /// The account's username.
    account: String,
    /// The pool's policy.
    policy: Policy,
    /// The nonce that the completion signs.
    nonce: String,
    /// The `applicationServerKey`.
    vapid_public_key: String,
    /// The key's id.
    vapid_kid: String,
    /// `PublicKeyCredentialCreationOptionsJSON`, or null.
    #[oai(nullable)]
    webauthn: Option<Any<Value>>,
    /// Expiry of the enrollment, in Unix seconds.
    expires_at: i64,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// Builds the offer of a claimed enrollment.
pub async fn offer(
    app: &App,
    tenant: &Tenant,
    enrollment: &Enrollment,
    now: Timestamp,
) -> Result<Offer, Fault> {
    let (pool, account) = pool_and_account(app, enrollment).await?;
    let keys = tenant.keys().await?;
    let vapid = keys.vapid.current();
    Ok(Offer {
        enrollment: enrollment.id().to_string(),
        issuer: tenant.issuer().to_owned(),
        display_name: tenant.workspace.display_name.clone(),
        account,
        policy: Policy::of(&pool),
        nonce: enrollment.nonce().unwrap_or_default().to_owned(),
        vapid_public_key: vapid.public_key().to_owned(),
        vapid_kid: vapid.kid().to_owned(),
        webauthn: Ceremony::of(enrollment)?.options.map(Any),
        expires_at: enrollment.expires_at().unix_seconds(),
        server_time: now.unix_seconds(),
    })
}
