//! The keys of a workspace: listed, rotated and retired, on every node without a restart.
//!
//! A new signing key is published first and signs later, so that every cached key set has it (OpenID Connect Core
//! §10.1.1). The one before stays published while its ID tokens are hints of living sessions. A subscription for push
//! messages works only with the key of its creation, so an old key stays until the phones have moved to the new one.

mod retire;
mod rotate;
mod state;

pub use retire::retire;
pub use rotate::rotate;
pub use state::State;

use crate::{
    app::{App, RequestContext},
    clock::Timestamp,
    directory::SigningAlgorithm,
    fault::Fault,
    storage::{Executor, signing_keys, transports},
};
use ::entity::{ids::WorkspaceId, signing_key::KeyPurpose};
use state::{is_newest, signing_state};

/// The use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// ID tokens.
    IdToken,
    /// Push messages (VAPID, RFC 8292).
    Push,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 2] = [Self::IdToken, Self::Push];

    /// Returns the word for operators and the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdToken => "id-token",
            Self::Push => "push",
        }
    }

    const fn stored(self) -> KeyPurpose {
        match self {
            Self::IdToken => KeyPurpose::IdToken,
            Self::Push => KeyPurpose::Vapid,
        }
    }

    /// The algorithms of its keys.
    fn algorithms(self) -> Vec<SigningAlgorithm> {
        match self {
            Self::IdToken => SigningAlgorithm::ALL.to_vec(),
            Self::Push => vec![SigningAlgorithm::ES256],
        }
    }
}

/// A key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub kid: String,
    /// Its use.
    pub purpose: Purpose,
    /// Its algorithm.
    pub algorithm: String,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// What it does.
    pub state: State,
}

/// Lists the keys of the tenant's workspace, those of each purpose newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, context: &RequestContext) -> Result<Vec<Key>, Fault> {
    let mut keys = Vec::new();
    for purpose in Purpose::ALL {
        keys.extend(list_of(&app.storage, context.tenant.workspace.id, purpose, context.now).await?);
    }
    Ok(keys)
}

async fn list_of(
    db: &impl Executor,
    workspace: WorkspaceId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Vec<Key>, Fault> {
    let rows = signing_keys::list(db, workspace, purpose.stored()).await?;
    let mut keys = Vec::new();
    for row in &rows {
        let state = match purpose {
            Purpose::IdToken => signing_state(row, &rows, now),
            Purpose::Push if is_newest(row, &rows) => State::Active,
            Purpose::Push => State::Subscribed(transports::count_of_key(db, &row.kid).await?),
        };
        let (kid, algorithm) = (row.kid.clone(), row.algorithm.clone());
        keys.push(Key { kid, purpose, algorithm, created_at: row.created_at, state });
    }
    Ok(keys)
}
