//! What a device is offered that has claimed, the same each time.

use crate::{
    app::App,
    clock::Timestamp,
    device_api::{policy::Policy, received::authenticator_origin},
    directory::{Pool, UserVerification},
    factors::push::{
        enrollment::AppInfo,
        user_verification::{Registration, UserVerifier},
    },
    storage::{Fault, enrollments::Enrollment, people},
};
use poem_openapi::{Object, types::Any};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a device needs in order to register.
#[derive(Object)]
pub struct Offer {
    /// `enr_…`
    enrollment: String,
    /// The `aud` of everything the device signs from now on.
    issuer: String,
    /// The operator's name.
    display_name: String,
    /// The account, as the person knows it.
    account: String,
    /// What the pool asks.
    policy: Policy,
    /// To be signed by the completion.
    nonce: String,
    /// The `applicationServerKey`.
    vapid_public_key: String,
    /// Its name.
    vapid_kid: String,
    /// `PublicKeyCredentialCreationOptionsJSON`, or null.
    #[oai(nullable)]
    webauthn: Option<Any<Value>>,
    /// When the enrollment ends.
    expires_at: i64,
    /// The server's clock.
    server_time: i64,
}

/// What is kept between the claim and the completion.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ceremony {
    /// Who claimed.
    pub app: AppInfo,
    /// The options for a credential, when one is asked for.
    options: Option<Value>,
    /// What ends its registration.
    pub registration: Option<Value>,
}

impl Ceremony {
    /// Begins the registration of a credential where the policy wants one and the address allows it.
    pub async fn begin(app: &App, enrollment: &Enrollment, claimed_by: AppInfo) -> Result<Self, Fault> {
        let (pool, account) = pool_and_account(app, enrollment).await?;
        let begun = match pool.policy.push.user_verification {
            UserVerification::Off => None,
            UserVerification::Preferred | UserVerification::Required => verifier(app)
                .await?
                .and_then(|verifier| verifier.begin_registration(&account, app.entropy.as_ref()).ok()),
        };
        let (options, registration) =
            begun.map(|Registration { options, ceremony }| (options, ceremony)).unzip();
        Ok(Self { app: claimed_by, options, registration })
    }

    /// As the column holds it.
    pub fn to_column(&self) -> Result<Value, Fault> {
        serde_json::to_value(self).map_err(|error| Fault::because("enrollment.ceremony", error))
    }

    /// That of a claimed enrollment.
    pub fn of(enrollment: &Enrollment) -> Result<Self, Fault> {
        let column = enrollment.ceremony.clone().unwrap_or_default();
        serde_json::from_value(column)
            .map_err(|error| Fault::because(format!("enrollment.ceremony of {}", enrollment.id), error))
    }
}

/// The offer of a claimed enrollment.
pub async fn offer(app: &App, enrollment: &Enrollment, now: Timestamp) -> Result<Offer, Fault> {
    let (pool, account) = pool_and_account(app, enrollment).await?;
    let (workspace, keys) = (app.directory.workspace().await?, app.directory.keys().await?);
    let vapid = keys.vapid.current();
    Ok(Offer {
        enrollment: enrollment.id.to_string(),
        issuer: app.issuer().to_owned(),
        display_name: workspace.display_name.clone(),
        account,
        policy: Policy::of(&pool),
        nonce: enrollment.nonce.clone().unwrap_or_default(),
        vapid_public_key: vapid.public_key().to_owned(),
        vapid_kid: vapid.kid().to_owned(),
        webauthn: Ceremony::of(enrollment)?.options.map(Any),
        expires_at: enrollment.expires_at.unix_seconds(),
        server_time: now.unix_seconds(),
    })
}

/// The pool of the person who enrolls, and the account's name.
pub async fn pool_and_account(
    app: &App,
    enrollment: &Enrollment,
) -> Result<(std::sync::Arc<Pool>, String), Fault> {
    let person = people::get(&app.storage, enrollment.person_id).await?;
    Ok((app.directory.pool(person.pool_id).await?, person.username))
}

/// Who verifies users; `None` where the authenticator's address is no name.
pub async fn verifier(app: &App) -> Result<Option<UserVerifier>, Fault> {
    let name = &app.directory.workspace().await?.display_name;
    Ok(UserVerifier::new(&authenticator_origin(app), name).ok())
}
