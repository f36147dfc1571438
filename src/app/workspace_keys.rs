//! A workspace's keys: opened from their rows, created when they are missing.

use super::sealed_columns;
use crate::{
    clock::Timestamp,
    directory::SigningAlgorithm,
    fault::Fault,
    http::representation::{Caching, Representation},
    keys::{KeyRing, SealingKey, SigningKey, VapidKey, VapidKeys},
    limits::lifetimes::JWKS_MAX_AGE_SECONDS,
    storage::{
        Executor, Storage, Transaction, settings,
        signing_keys::{self, SigningKeyRow},
    },
};
use ::entity::{ids::WorkspaceId, signing_key::KeyPurpose};

/// The purposes and algorithms for which every workspace has a key.
const NEEDED: [(KeyPurpose, SigningAlgorithm); 4] = [
    (KeyPurpose::IdToken, SigningAlgorithm::RS256),
    (KeyPurpose::IdToken, SigningAlgorithm::ES256),
    (KeyPurpose::IdToken, SigningAlgorithm::EdDsa),
    (KeyPurpose::Vapid, SigningAlgorithm::ES256),
];
/// Locked by the node that adds keys.
const KEY_CREATION_LOCK: &str = "signing_keys.turn";

/// The keys of one workspace.
pub struct WorkspaceKeys {
    /// The keys for ID tokens.
    pub ring: KeyRing,
    /// The published key set: the same bytes until a key changes.
    pub jwks: Representation,
    /// The keys for push messages (RFC 8292).
    pub vapid: VapidKeys,
}

/// Loads the workspace's keys after creating the missing ones.
pub(super) async fn load(
    storage: &Storage,
    sealing: &SealingKey,
    workspace: WorkspaceId,
    contact: &str,
    now: Timestamp,
) -> Result<WorkspaceKeys, Fault> {
    make_missing(storage, sealing, workspace, now).await?;
    let mut keys = Vec::new();
    for row in signing_keys::list(storage, workspace, KeyPurpose::IdToken).await? {
        keys.push((open(sealing, &row)?, signs_from(&row)));
    }
    let ring = KeyRing::new(keys);
    let (current, older) = opened(storage, sealing, workspace, KeyPurpose::Vapid).await?;
    Ok(WorkspaceKeys {
        jwks: Representation::new(
            "application/json",
            ring.jwks().to_owned(),
            Caching::Seconds(JWKS_MAX_AGE_SECONDS),
        ),
        ring,
        vapid: vapid(current.into_iter().chain(older), contact)?,
    })
}

/// Returns when a key begins to sign; `None` for one that only verifies.
pub fn signs_from(row: &SigningKeyRow) -> Option<Timestamp> {
    row.retired_at.is_none().then(|| row.signs_from.unwrap_or(row.created_at))
}

/// Makes a key, which `signing_keys::insert_key` stores. An RSA key takes a noticeable part of a second.
///
/// # Errors
/// When the key cannot be created.
pub fn new_key(
    sealing: &SealingKey,
    (workspace, purpose): (WorkspaceId, KeyPurpose),
    algorithm: SigningAlgorithm,
    (now, signs_from): (Timestamp, Timestamp),
) -> Result<SigningKeyRow, Fault> {
    let row = make(sealing, workspace, purpose, algorithm, now)?;
    Ok(SigningKeyRow { signs_from: Some(signs_from), ..row })
}

fn vapid(keys: impl Iterator<Item = SigningKey>, contact: &str) -> Result<VapidKeys, Fault> {
    let key =
        |key| VapidKey::new(key, contact.to_owned()).map_err(|error| Fault::because("a VAPID key", error));
    let mut keys = keys.map(key);
    let newest = keys.next().ok_or_else(|| Fault::broken("the workspace has no key for push messages"))??;
    Ok(VapidKeys::new(newest, keys.collect::<Result<_, _>>()?))
}

/// Creates missing keys. Of several nodes that start at once, one creates the keys for all: a push
/// subscription works only with the key that it was created with, on every node.
async fn make_missing(
    storage: &Storage,
    sealing: &SealingKey,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut made = Vec::new();
    for (purpose, algorithm) in NEEDED {
        if !is_present(storage, workspace, purpose, algorithm).await? {
            made.push((algorithm, make(sealing, workspace, purpose, algorithm, now)?));
        }
    }
    if made.is_empty() {
        return Ok(());
    }
    let tx = storage.begin().await?;
    hold_keys(&tx, now).await?;
    for (algorithm, row) in made {
        if !is_present(&tx, workspace, row.purpose, algorithm).await? {
            signing_keys::insert_key(&tx, row).await?;
        }
    }
    tx.commit().await
}

/// Lets one transaction at a time add or delete keys: of two that delete the last two, one must see that.
///
/// # Errors
/// When the database does not answer.
pub async fn hold_keys(tx: &Transaction, now: Timestamp) -> Result<(), Fault> {
    settings::insert_setting(tx, KEY_CREATION_LOCK, true.into(), now).await?;
    settings::hold(tx, KEY_CREATION_LOCK).await?;
    Ok(())
}

/// Whether there is a key in use for this purpose and algorithm.
async fn is_present(
    db: &impl Executor,
    workspace: WorkspaceId,
    purpose: KeyPurpose,
    algorithm: SigningAlgorithm,
) -> Result<bool, Fault> {
    let rows = signing_keys::list(db, workspace, purpose).await?;
    Ok(rows.iter().any(|row| row.retired_at.is_none() && row.algorithm == algorithm.as_str()))
}

fn make(
    sealing: &SealingKey,
    workspace: WorkspaceId,
    purpose: KeyPurpose,
    algorithm: SigningAlgorithm,
    now: Timestamp,
) -> Result<SigningKeyRow, Fault> {
    let failed = |error| Fault::because(format!("a key for {} cannot be created", algorithm.as_str()), error);
    let key = SigningKey::generate(algorithm).map_err(failed)?;
    let private = key.to_pkcs8().map_err(failed)?;
    Ok(SigningKeyRow {
        kid: key.kid().to_owned(),
        workspace_id: workspace,
        purpose,
        algorithm: algorithm.as_str().to_owned(),
        private_sealed: sealing.rows().seal(&sealed_columns::signing_key(key.kid()), &private),
        public_jwk: key.public_jwk().clone(),
        created_at: now,
        retired_at: None,
        signs_from: None,
    })
}

/// Returns the keys in use and the retired keys.
async fn opened(
    storage: &Storage,
    sealing: &SealingKey,
    workspace: WorkspaceId,
    purpose: KeyPurpose,
) -> Result<(Vec<SigningKey>, Vec<SigningKey>), Fault> {
    let (mut current, mut retired) = (Vec::new(), Vec::new());
    for row in signing_keys::list(storage, workspace, purpose).await? {
        let key = open(sealing, &row)?;
        if row.retired_at.is_some() { retired.push(key) } else { current.push(key) }
    }
    Ok((current, retired))
}

fn open(sealing: &SealingKey, row: &SigningKeyRow) -> Result<SigningKey, Fault> {
    let private = sealing.rows().open(&sealed_columns::signing_key(&row.kid), &row.private_sealed).ok_or_else(|| {
        Fault::broken(format!(
            "signing key {} was sealed with another encryption key: start with the one that this database was made with",
            row.kid
        ))
    })?;
    let algorithm = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == row.algorithm);
    let algorithm = algorithm.ok_or_else(|| {
        Fault::broken(format!("signing key {} has the unknown algorithm {}", row.kid, row.algorithm))
    })?;
    SigningKey::from_pkcs8(algorithm, &private)
        .map_err(|error| Fault::because(format!("signing key {} cannot be read", row.kid), error))
}
