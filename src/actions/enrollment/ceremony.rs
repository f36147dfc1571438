//! What is stored of an enrollment between its claim and its completion.

use super::find::{Enrollment, pool_and_account};
use crate::{
    app::{App, Tenant},
    directory::UserVerification,
    factors::push::{
        enrollment::AppInfo,
        user_verification::{Registration, UserVerifier},
    },
    fault::Fault,
    storage::stored::{self, Stored},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The data stored between the claim and the completion.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ceremony {
    /// The claiming authenticator.
    pub app: AppInfo,
    /// The options for a credential, if one is requested.
    pub options: Option<Value>,
    /// The server's state of the credential's registration.
    pub registration: Option<Value>,
}

impl Stored for Ceremony {
    const PLACE: &'static str = "enrollment.ceremony";
}

impl Ceremony {
    /// Begins the registration of a credential if the policy wants one and the authenticator's address allows
    /// it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(
        app: &App,
        tenant: &Tenant,
        enrollment: &Enrollment,
        claimed_by: AppInfo,
    ) -> Result<Self, Fault> {
        let (pool, account) = pool_and_account(app, enrollment).await?;
        let begun = match pool.policy.push.user_verification {
            UserVerification::Off => None,
            UserVerification::Preferred | UserVerification::Required => verifier(app, tenant)
                .and_then(|verifier| verifier.begin_registration(&account, app.entropy.as_ref()).ok()),
        };
        let (options, registration) =
            begun.map(|Registration { options, ceremony }| (options, ceremony)).unzip();
        Ok(Self { app: claimed_by, options, registration })
    }

    /// Serializes the ceremony for its column.
    pub(super) fn to_column(&self) -> Result<Value, Fault> {
        stored::write(self)
    }

    /// Parses the ceremony of a claimed enrollment.
    ///
    /// # Errors
    /// When a newer version wrote it, or it is damaged.
    pub fn of(enrollment: &Enrollment) -> Result<Self, Fault> {
        stored::read_or_refuse(&enrollment.id(), enrollment.ceremony().cloned().unwrap_or_default())
    }
}

/// Returns the verifier of user-verification credentials; `None` when the authenticator's address has no
/// domain name.
pub fn verifier(app: &App, tenant: &Tenant) -> Option<UserVerifier> {
    UserVerifier::new(&app.authenticator_origin(), &tenant.workspace.display_name).ok()
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
