//! The rows to which an answer refers.

use crate::{
    actions::Action,
    audit::AuditEvent,
    directory::Person,
    fault::Fault,
    storage::{
        audit::{about_challenge, about_device},
        authenticators::Authenticator,
        challenges::Challenge,
    },
};

/// The rows to which an answer refers.
#[derive(Clone, Copy, Debug)]
pub struct Answering<'a> {
    /// The device that has signed the answer.
    pub device: &'a Authenticator,
    /// Its owner.
    pub person: &'a Person,
    /// The challenge, if it was sent to this device.
    pub challenge: Option<&'a Challenge>,
}

impl<'a> Answering<'a> {
    /// Returns the challenge, which exists once the rules have accepted an answer.
    ///
    /// # Errors
    /// When there is none.
    pub fn challenge(&self) -> Result<&'a Challenge, Fault> {
        self.challenge.ok_or_else(|| Fault::broken("an answer was accepted without a challenge"))
    }

    /// Writes an audit event about the answered challenge, or about the device when there is none.
    pub(super) async fn record(&self, action: &Action<'_>, event: &AuditEvent) -> Result<(), Fault> {
        let target = self.challenge.map_or_else(|| about_device(self.device), about_challenge);
        action.audit(event, target.person(self.person.id).device(self.device.id())).await
    }
}
