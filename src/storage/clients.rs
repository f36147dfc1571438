//! Clients (relying parties) and their pools.

use super::{Executor, Fault, Topic, Transaction, insert::insert, stored};
use crate::{
    clock::Timestamp,
    directory::{Client, ClientSettings, PreviousSecret},
};
use ::entity::{
    client::{Column, Entity, Model},
    client_pool,
    ids::{ClientKey, PoolId, WorkspaceId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

/// Finds the workspace's client with this `client_id`, including disabled ones.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Executor,
    workspace: WorkspaceId,
    client_id: &str,
) -> Result<Option<Client>, Fault> {
    let found = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace).and(Column::ClientId.eq(client_id)))
        .one(db.connection())
        .await?;
    match found {
        Some(row) => with_pools(db, row).await.map(Some),
        None => Ok(None),
    }
}

/// Finds the client with this key.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_key(db: &impl Executor, key: ClientKey) -> Result<Option<Client>, Fault> {
    match Entity::find_by_id(key).one(db.connection()).await? {
        Some(row) => with_pools(db, row).await.map(Some),
        None => Ok(None),
    }
}

/// Finds the workspace's client with this key.
///
/// # Errors
/// When the database does not answer.
pub async fn find_own(
    db: &impl Executor,
    workspace: WorkspaceId,
    key: ClientKey,
) -> Result<Option<Client>, Fault> {
    let own = Entity::find_by_id(key).filter(Column::WorkspaceId.eq(workspace));
    match own.one(db.connection()).await? {
        Some(row) => with_pools(db, row).await.map(Some),
        None => Ok(None),
    }
}

/// Gets the client with this key.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn get(db: &impl Executor, key: ClientKey) -> Result<Client, Fault> {
    find_by_key(db, key).await?.ok_or_else(|| Fault::broken(format!("client {key} is not there")))
}

/// Lists every redirect URI of the workspace's clients that are not disabled. A client whose settings this
/// version cannot read has none.
///
/// # Errors
/// When the database does not answer.
pub async fn list_redirect_uris(db: &impl Executor, workspace: WorkspaceId) -> Result<Vec<String>, Fault> {
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace).and(Column::DisabledAt.is_null()))
        .all(db.connection())
        .await?;
    let settings = rows.into_iter().filter_map(|row| stored::read_or_absent(&row.id, row.settings));
    Ok(settings.flat_map(|settings: ClientSettings| settings.redirect_uris).collect())
}

/// Adds a client and links it to the pools whose people may sign in to it.
///
/// # Errors
/// When the `client_id` is taken or the database does not answer.
pub async fn insert_client(tx: &Transaction, client: &Client, now: Timestamp) -> Result<(), Fault> {
    tx.announce(Topic::Directory(client.workspace_id));
    let row = Model {
        id: client.key,
        workspace_id: client.workspace_id,
        client_id: client.client_id.clone(),
        name: client.name.clone(),
        secret_hash: client.secret_hash.clone(),
        settings: stored::write(&client.settings)?,
        disabled_at: client.is_disabled.then_some(now),
        created_at: now,
        previous_secret_hash: client.previous_secret.as_ref().map(|previous| previous.hash.clone()),
        previous_secret_until: client.previous_secret.as_ref().map(|previous| previous.until),
    };
    insert(tx, row).await?;
    insert_pools(tx, client.key, &client.pools).await
}

async fn insert_pools(tx: &Transaction, key: ClientKey, pools: &[PoolId]) -> Result<(), Fault> {
    for (position, pool_id) in (0..).zip(pools) {
        insert(tx, client_pool::Model { client_key: key, pool_id: *pool_id, position }).await?;
    }
    Ok(())
}

/// Finds the client with this key and locks its row until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Transaction, key: ClientKey) -> Result<Option<Client>, Fault> {
    match tx.lock(Entity::find_by_id(key)).one(tx.connection()).await? {
        Some(row) => with_pools(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// Lists the workspace's clients after this `client_id`, in its order, at most `limit`.
///
/// # Errors
/// When the settings of one cannot be read, or the database does not answer.
pub async fn list_page(
    db: &impl Executor,
    workspace: WorkspaceId,
    after: &str,
    limit: u64,
) -> Result<Vec<Client>, Fault> {
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace).and(Column::ClientId.gt(after)))
        .order_by_asc(Column::ClientId)
        .limit(limit)
        .all(db.connection())
        .await?;
    let mut clients = Vec::with_capacity(rows.len());
    for row in rows {
        clients.push(with_pools(db, row).await?);
    }
    Ok(clients)
}

/// Replaces the name, the settings and the pools of a client.
///
/// # Errors
/// When the database does not answer.
pub async fn save(tx: &Transaction, client: &Client) -> Result<(), Fault> {
    save_settings(tx, client.key, &client.settings).await?;
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(&client.name))
        .filter(Column::Id.eq(client.key))
        .exec(tx.connection())
        .await?;
    client_pool::Entity::delete_many()
        .filter(client_pool::Column::ClientKey.eq(client.key))
        .exec(tx.connection())
        .await?;
    insert_pools(tx, client.key, &client.pools).await
}

/// Replaces a client's secret; `previous` is accepted beside it for a while.
///
/// # Errors
/// When the database does not answer.
pub async fn save_secret(
    tx: &Transaction,
    key: ClientKey,
    hash: &[u8],
    previous: Option<PreviousSecret>,
) -> Result<(), Fault> {
    announce(tx, key).await?;
    let (previous_hash, until) = previous.map(|previous| (previous.hash, previous.until)).unzip();
    Entity::update_many()
        .col_expr(Column::SecretHash, Expr::value(hash))
        .col_expr(Column::PreviousSecretHash, Expr::value(previous_hash))
        .col_expr(Column::PreviousSecretUntil, Expr::value(until))
        .filter(Column::Id.eq(key))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Deletes a client with the list of its pools, and what is left of its grants and consents.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_client(tx: &Transaction, key: ClientKey) -> Result<(), Fault> {
    announce(tx, key).await?;
    Entity::delete_by_id(key).exec(tx.connection()).await?;
    Ok(())
}

/// Replaces a client's settings.
///
/// # Errors
/// When the database does not answer.
pub async fn save_settings(tx: &Transaction, key: ClientKey, settings: &ClientSettings) -> Result<(), Fault> {
    announce(tx, key).await?;
    Entity::update_many()
        .col_expr(Column::Settings, Expr::value(stored::write(settings)?))
        .filter(Column::Id.eq(key))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Disables a client from `since` on, so that every endpoint refuses it; `None` enables it.
///
/// # Errors
/// When the database does not answer.
pub async fn save_disabled(tx: &Transaction, key: ClientKey, since: Option<Timestamp>) -> Result<(), Fault> {
    announce(tx, key).await?;
    Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(since))
        .filter(Column::Id.eq(key))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Announces a change of the workspace to which the client belongs.
async fn announce(tx: &Transaction, key: ClientKey) -> Result<(), Fault> {
    let workspace = Entity::find_by_id(key).select_only().column(Column::WorkspaceId);
    if let Some(workspace) = workspace.into_tuple::<WorkspaceId>().one(tx.connection()).await? {
        tx.announce(Topic::Directory(workspace));
    }
    Ok(())
}

async fn with_pools(db: &impl Executor, row: Model) -> Result<Client, Fault> {
    let pools: Vec<PoolId> = client_pool::Entity::find()
        .filter(client_pool::Column::ClientKey.eq(row.id))
        .order_by_asc(client_pool::Column::Position)
        .all(db.connection())
        .await?
        .into_iter()
        .map(|link| link.pool_id)
        .collect();
    Ok(Client {
        settings: stored::read_or_refuse(&row.id, row.settings)?,
        key: row.id,
        workspace_id: row.workspace_id,
        client_id: row.client_id,
        name: row.name,
        secret_hash: row.secret_hash,
        previous_secret: row
            .previous_secret_hash
            .zip(row.previous_secret_until)
            .map(|(hash, until)| PreviousSecret { hash, until }),
        pools,
        is_disabled: row.disabled_at.is_some(),
    })
}
