//! A workspace's keys: opened from their rows, made when there are none.

use crate::{
    clock::Timestamp,
    directory::SigningAlgorithm,
    http::representation::{Caching, Representation},
    keys::{KeyRing, SealingKey, SigningKey, VapidKey, VapidKeys},
    storage::{
        Fault, Storage,
        signing_keys::{self, SigningKeyRow},
    },
};
use ::entity::{ids::WorkspaceId, signing_key::KeyPurpose};

/// How long the key set may be kept: a new key signs only what is read after it could be known. Whoever meets an
/// unknown `kid` asks again at once.
const JWKS_SECONDS: u32 = 300;

/// The keys of one workspace.
pub struct WorkspaceKeys {
    /// What signs ID tokens.
    pub ring: KeyRing,
    /// The key set as it is published: the same bytes until a key changes.
    pub jwks: Representation,
    /// What signs push messages (RFC 8292).
    pub vapid: VapidKeys,
}

/// Loads the workspace's keys and makes those that are missing.
pub(super) async fn load(
    storage: &Storage,
    sealing: &SealingKey,
    workspace: WorkspaceId,
    contact: &str,
    now: Timestamp,
) -> Result<WorkspaceKeys, Fault> {
    let (mut current, mut retired) = opened(storage, sealing, workspace, KeyPurpose::IdToken).await?;
    for algorithm in SigningAlgorithm::ALL {
        if current.iter().all(|key| key.algorithm() != algorithm) {
            current.push(make(storage, sealing, workspace, KeyPurpose::IdToken, algorithm, now).await?);
        }
    }
    // Two nodes that start at once may each make one: the oldest of each algorithm signs, on both.
    let (mut signing, mut seen) = (Vec::new(), Vec::new());
    while let Some(key) = current.pop() {
        if seen.contains(&key.algorithm()) {
            retired.push(key);
        } else {
            seen.push(key.algorithm());
            signing.push(key);
        }
    }
    let ring = KeyRing::new(signing, retired);
    Ok(WorkspaceKeys {
        jwks: Representation::new("application/json", ring.jwks().to_owned(), Caching::Seconds(JWKS_SECONDS)),
        ring,
        vapid: vapid(storage, sealing, workspace, contact, now).await?,
    })
}

async fn vapid(
    storage: &Storage,
    sealing: &SealingKey,
    workspace: WorkspaceId,
    contact: &str,
    now: Timestamp,
) -> Result<VapidKeys, Fault> {
    let (mut current, older) = opened(storage, sealing, workspace, KeyPurpose::Vapid).await?;
    if current.is_empty() {
        current
            .push(make(storage, sealing, workspace, KeyPurpose::Vapid, SigningAlgorithm::ES256, now).await?);
    }
    let key =
        |key| VapidKey::new(key, contact.to_owned()).map_err(|error| Fault::because("a VAPID key", error));
    let mut keys = current.into_iter().chain(older).map(key).collect::<Result<Vec<_>, _>>()?;
    let newest = keys.remove(0);
    Ok(VapidKeys::new(newest, keys))
}

async fn make(
    storage: &Storage,
    sealing: &SealingKey,
    workspace: WorkspaceId,
    purpose: KeyPurpose,
    algorithm: SigningAlgorithm,
    now: Timestamp,
) -> Result<SigningKey, Fault> {
    let failed = |error| Fault::because(format!("a key for {} cannot be made", algorithm.as_str()), error);
    let key = SigningKey::generate(algorithm).map_err(failed)?;
    let private = key.to_pkcs8().map_err(failed)?;
    let row = SigningKeyRow {
        kid: key.kid().to_owned(),
        workspace_id: workspace,
        purpose,
        algorithm: algorithm.as_str().to_owned(),
        private_sealed: sealing.rows().seal(&sealed_as(key.kid()), &private),
        public_jwk: key.public_jwk().clone(),
        created_at: now,
        retired_at: None,
    };
    let unit = storage.begin().await?;
    signing_keys::insert_key(&unit, row).await?;
    unit.commit().await?;
    Ok(key)
}

/// The keys that sign, and those that no longer do.
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
    let private = sealing.rows().open(&sealed_as(&row.kid), &row.private_sealed).ok_or_else(|| {
        Fault::broken(format!(
            "signing key {} was sealed with another encryption key: start with the one that this database was made with",
            row.kid
        ))
    })?;
    let algorithm = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == row.algorithm);
    let algorithm = algorithm.ok_or_else(|| {
        Fault::broken(format!("signing key {} is for {}, which is unknown", row.kid, row.algorithm))
    })?;
    SigningKey::from_pkcs8(algorithm, &private)
        .map_err(|error| Fault::because(format!("signing key {} does not open", row.kid), error))
}

fn sealed_as(kid: &str) -> String {
    format!("signing_key.private_sealed:{kid}")
}
