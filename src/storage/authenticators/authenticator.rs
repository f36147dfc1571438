//! An enrolled authenticator, and the two kinds of new ones.

use crate::{
    clock::Timestamp,
    storage::{Fault, Transaction, insert::insert},
};
use ::entity::{
    authenticator::Model,
    enums::{AuthenticatorKind, AuthenticatorState},
    ids::{AuthenticatorId, PersonId, WorkspaceId},
};
use serde_json::Value;

/// An authenticator as it is stored, whatever its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Authenticator(pub(super) Model);

impl Authenticator {
    /// Its id.
    pub fn id(&self) -> AuthenticatorId {
        self.0.id
    }

    /// The workspace of its owner.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.0.workspace_id
    }

    /// Its owner.
    pub fn person_id(&self) -> PersonId {
        self.0.person_id
    }

    /// Its kind.
    pub fn kind(&self) -> AuthenticatorKind {
        self.0.kind
    }

    /// Its state.
    pub fn state(&self) -> AuthenticatorState {
        self.0.state
    }

    /// Its name, for its owner.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name, for its owner.
    pub fn into_name(self) -> String {
        self.0.name
    }

    /// The public key of a device, as a JWK.
    pub fn jwk(&self) -> Option<&Value> {
        self.0.jwk.as_ref()
    }

    /// The thumbprint of a device's key (RFC 7638).
    pub fn thumbprint(&self) -> Option<&str> {
        self.0.thumbprint.as_deref()
    }

    /// The stored credential by which a device verifies its user.
    pub fn uv_credential(&self) -> Option<&Value> {
        self.0.uv_credential.as_ref()
    }

    /// Whether the browser of a device promised to keep its storage.
    pub fn persisted(&self) -> Option<bool> {
        self.0.persisted
    }

    /// The sealed TOTP seed, if it shows codes.
    pub fn totp_seed(&self) -> Option<&[u8]> {
        self.0.totp_seed.as_deref()
    }

    /// The last time step whose code was used.
    pub fn totp_last_step(&self) -> Option<i64> {
        self.0.totp_last_step
    }

    /// The time of its registration.
    pub fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Since when it could be used.
    pub fn active_from(&self) -> Timestamp {
        self.0.confirmed_at.unwrap_or(self.0.created_at)
    }

    /// Whether it is or was active, so that it could be used.
    pub fn was_active(&self) -> bool {
        self.is_active() || self.0.confirmed_at.is_some()
    }

    /// When it was removed.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.0.ended_at
    }

    /// When its key was replaced last.
    pub fn key_replaced_at(&self) -> Option<Timestamp> {
        self.0.key_replaced_at
    }

    /// Whether it is suspended.
    pub fn is_suspended(&self) -> bool {
        self.0.state == AuthenticatorState::Suspended
    }

    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.0.state == AuthenticatorState::Active
    }

    /// Whether it is a phone, which can approve requests.
    pub fn is_phone(&self) -> bool {
        self.0.kind == AuthenticatorKind::Push
    }

    /// With another name and another promise, as a change of the device stores them.
    #[must_use]
    pub fn changed(self, name: String, persisted: Option<bool>) -> Self {
        Self(Model { name, persisted, ..self.0 })
    }
}

/// A device that has completed its enrollment and waits for the confirmation.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Its id.
    pub id: AuthenticatorId,
    /// The workspace of its owner.
    pub workspace_id: WorkspaceId,
    /// Its owner.
    pub person_id: PersonId,
    /// Its name.
    pub name: String,
    /// The platform that it names.
    pub platform: String,
    /// What claimed the enrollment, as a stored document.
    pub app: Value,
    /// Its public key, as a JWK.
    pub jwk: Value,
    /// The thumbprint of its key (RFC 7638).
    pub thumbprint: String,
    /// The credential by which it verifies its user.
    pub uv_credential: Option<Value>,
    /// Whether the browser promised to keep its storage.
    pub persisted: Option<bool>,
    /// The sealed TOTP seed, if the policy has codes.
    pub totp_seed: Option<Vec<u8>>,
    /// The time of its registration.
    pub created_at: Timestamp,
}

/// A generator of codes, which is active at once.
#[derive(Clone, Debug)]
pub struct NewGenerator {
    /// Its id.
    pub id: AuthenticatorId,
    /// The workspace of its owner.
    pub workspace_id: WorkspaceId,
    /// Its owner.
    pub person_id: PersonId,
    /// The sealed TOTP seed.
    pub totp_seed: Vec<u8>,
    /// The time of its registration.
    pub created_at: Timestamp,
}

/// Adds a device that waits for its confirmation.
///
/// # Errors
/// When its key is enrolled already or the database does not answer.
pub async fn insert_device(tx: &Transaction, new: NewDevice) -> Result<(), Fault> {
    let row = Model {
        name: new.name,
        platform: Some(new.platform),
        app: Some(new.app),
        jwk: Some(new.jwk),
        thumbprint: Some(new.thumbprint),
        uv_credential: new.uv_credential,
        persisted: new.persisted,
        totp_seed: new.totp_seed,
        last_seen_at: Some(new.created_at),
        ..empty(new.id, new.workspace_id, new.person_id, new.created_at)
    };
    insert(tx, row).await
}

/// Adds a generator of codes.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_generator(tx: &Transaction, new: NewGenerator) -> Result<(), Fault> {
    let row = Model {
        kind: AuthenticatorKind::Totp,
        state: AuthenticatorState::Active,
        name: "Code generator".to_owned(),
        totp_seed: Some(new.totp_seed),
        confirmed_at: Some(new.created_at),
        ..empty(new.id, new.workspace_id, new.person_id, new.created_at)
    };
    insert(tx, row).await
}

/// A device that waits for its confirmation, without any value.
fn empty(
    id: AuthenticatorId,
    workspace_id: WorkspaceId,
    person_id: PersonId,
    created_at: Timestamp,
) -> Model {
    Model {
        id,
        workspace_id,
        person_id,
        kind: AuthenticatorKind::Push,
        state: AuthenticatorState::PendingConfirm,
        name: String::new(),
        platform: None,
        app: None,
        jwk: None,
        thumbprint: None,
        uv_credential: None,
        persisted: None,
        totp_seed: None,
        totp_last_step: None,
        bad_signatures: 0,
        created_at,
        confirmed_at: None,
        last_seen_at: None,
        ended_at: None,
        key_replaced_at: None,
    }
}
