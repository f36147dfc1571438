//! The offer to the key that has claimed an enrollment; the same each time.

use crate::{
    app::App,
    clock::Timestamp,
    device_api::{policy::Policy, signed_request::authenticator_origin},
    directory::{Pool, UserVerification},
    factors::push::{
        enrollment::AppInfo,
        user_verification::{Registration, UserVerifier},
    },
    storage::{
        Fault,
        enrollments::Enrollment,
        people,
        stored::{self, Stored},
    },
};
use poem_openapi::{Object, types::Any};
use serde::{Deserialize, Serialize};
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

/// The data stored between the claim and the completion.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ceremony {
    /// The claiming authenticator.
    pub app: AppInfo,
    /// The options for a credential, if one is requested.
    options: Option<Value>,
    /// The server's state of the credential's registration.
    pub registration: Option<Value>,
}

impl Stored for Ceremony {
    const PLACE: &'static str = "enrollment.ceremony";
}

impl Ceremony {
    /// Begins the registration of a credential if the policy wants one and the authenticator's address allows
    /// it.
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

    /// Serializes the ceremony for its column.
    pub fn to_column(&self) -> Result<Value, Fault> {
        stored::write(self)
    }

    /// Parses the ceremony of a claimed enrollment.
    pub fn of(enrollment: &Enrollment) -> Result<Self, Fault> {
        stored::read_or_refuse(&enrollment.id(), enrollment.ceremony().cloned().unwrap_or_default())
    }
}

/// Builds the offer of a claimed enrollment.
pub async fn offer(app: &App, enrollment: &Enrollment, now: Timestamp) -> Result<Offer, Fault> {
    let (pool, account) = pool_and_account(app, enrollment).await?;
    let (workspace, keys) = (app.directory.workspace().await?, app.directory.keys().await?);
    let vapid = keys.vapid.current();
    Ok(Offer {
        enrollment: enrollment.id().to_string(),
        issuer: app.issuer().to_owned(),
        display_name: workspace.display_name.clone(),
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

/// Returns the pool of the enrolling person, and the account's username.
pub async fn pool_and_account(
    app: &App,
    enrollment: &Enrollment,
) -> Result<(std::sync::Arc<Pool>, String), Fault> {
    let person = people::get(&app.storage, enrollment.person_id()).await?;
    Ok((app.directory.pool(person.pool_id).await?, person.username))
}

/// Returns the verifier of user-verification credentials; `None` when the authenticator's address has no
/// domain name.
pub async fn verifier(app: &App) -> Result<Option<UserVerifier>, Fault> {
    let name = &app.directory.workspace().await?.display_name;
    Ok(UserVerifier::new(&authenticator_origin(app), name).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_ceremony_of_a_newer_version_is_read_without_the_members_that_are_unknown() {
        let app = json!({ "kind": "web", "version": "1", "platform": "Linux", "store": "f" });
        let document = json!({ "app": app, "options": null, "registration": { "a": 1 }, "newer": 1 });
        let ceremony: Ceremony = stored::read(document.clone()).unwrap();
        assert_eq!(
            (ceremony.app.platform.as_str(), ceremony.registration),
            ("Linux", Some(json!({ "a": 1 })))
        );
        let mut later = document;
        later["v"] = 2.into();
        assert!(stored::read_or_refuse::<Ceremony>(&"enr_1", later).unwrap_err().is_temporary());
    }
}
