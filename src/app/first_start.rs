//! Fills an empty database at the first start, and checks that the sealing key belongs to the database.

use super::DEFAULT_WORKSPACE;
use crate::{
    clock::Timestamp,
    directory::{Pool, PoolPolicy, Workspace},
    entropy::Entropy,
    fault::Fault,
    keys::SealingKey,
    storage::{Storage, Transaction, pools, settings, workspaces},
};
use ::entity::ids::{PoolId, WorkspaceId};

/// The slug of the pool that is created first.
pub const FIRST_POOL: &str = "people";
/// The setting that identifies the sealing key with which the database was created.
const FINGERPRINT: &str = "sealing_key.fingerprint";

/// Creates the workspace and the first pool in an empty database, and refuses a database that was created
/// with another sealing key. Of several nodes that start at once, one creates them.
pub(super) async fn ensure_first_workspace(
    storage: &Storage,
    sealing: &SealingKey,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut made_with = settings::find(storage, FINGERPRINT).await?;
    if made_with.is_none() {
        let tx = storage.begin().await?;
        if settings::insert_setting(&tx, FINGERPRINT, sealing.fingerprint().into(), now).await? {
            insert_directory(&tx, entropy, now).await?;
            return tx.commit().await;
        }
        drop(tx);
        made_with = settings::find(storage, FINGERPRINT).await?;
    }
    if made_with.as_ref().and_then(|value| value.as_str()) == Some(sealing.fingerprint()) {
        return Ok(());
    }
    Err(Fault::broken(
        "this database was made with another encryption key: start with that one (`encryption_key`, or the file \
         encryption.key in the data directory); without it the sealed values in the database cannot be opened",
    ))
}

/// Fails when no server has started on the database yet, so that it has no workspace.
///
/// # Errors
/// As said, or when the database does not answer.
pub(super) async fn check_started(storage: &Storage) -> Result<(), Fault> {
    if has_started(storage).await? {
        return Ok(());
    }
    Err(Fault::broken(
        "no server has started on this database yet, so it has no workspace and no encryption key: start `countersign \
         serve` once; nothing was created",
    ))
}

/// Returns whether a server has started on the database.
pub(super) async fn has_started(storage: &Storage) -> Result<bool, Fault> {
    Ok(settings::find(storage, FINGERPRINT).await?.is_some())
}

async fn insert_directory(tx: &Transaction, entropy: &dyn Entropy, now: Timestamp) -> Result<(), Fault> {
    let workspace = Workspace {
        id: WorkspaceId(entropy.id(now)),
        slug: DEFAULT_WORKSPACE.to_owned(),
        display_name: "Countersign".to_owned(),
    };
    let pool = Pool {
        id: PoolId(entropy.id(now)),
        workspace_id: workspace.id,
        slug: FIRST_POOL.to_owned(),
        display_name: "People".to_owned(),
        policy: PoolPolicy::default(),
    };
    workspaces::insert_workspace(tx, &workspace, now).await?;
    pools::insert_pool(tx, &pool, now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    async fn storage() -> (Storage, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/first.db", folder.path().display());
        (Storage::open(&url).await.unwrap(), folder)
    }

    #[tokio::test]
    async fn an_empty_database_gets_its_workspace_and_pool_once() {
        let (storage, _folder) = storage().await;
        let sealing = SealingKey::from_bytes(&[1; 32]);
        for _ in 0..2 {
            ensure_first_workspace(&storage, &sealing, &SystemEntropy, NOW).await.unwrap();
        }
        let workspace = workspaces::find_by_slug(&storage, DEFAULT_WORKSPACE).await.unwrap().unwrap();
        let pools = pools::list(&storage, workspace.id).await.unwrap();
        assert_eq!(pools.iter().map(|pool| pool.slug.as_str()).collect::<Vec<_>>(), [FIRST_POOL]);
    }

    #[tokio::test]
    async fn another_sealing_key_is_refused_by_name() {
        let (storage, _folder) = storage().await;
        ensure_first_workspace(&storage, &SealingKey::from_bytes(&[1; 32]), &SystemEntropy, NOW)
            .await
            .unwrap();
        let refused =
            ensure_first_workspace(&storage, &SealingKey::from_bytes(&[2; 32]), &SystemEntropy, NOW).await;
        assert!(refused.unwrap_err().chain().contains("another encryption key"));
    }
}
