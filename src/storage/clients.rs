//! Clients (relying parties) and their pools.

use super::{Executor, Fault, Topic, Transaction, insert::insert, stored};
use crate::{
    clock::Timestamp,
    directory::{Client, ClientSettings},
};
use ::entity::{
    client::{Column, Entity, Model},
    client_pool,
    ids::{ClientKey, PoolId, WorkspaceId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, sea_query::Expr};

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

/// Gets the client with this key.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn get(db: &impl Executor, key: ClientKey) -> Result<Client, Fault> {
    match Entity::find_by_id(key).one(db.connection()).await? {
        Some(row) => with_pools(db, row).await,
        None => Err(Fault::broken(format!("client {key} is not there"))),
    }
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
    tx.announce(Topic::Directory);
    let row = Model {
        id: client.key,
        workspace_id: client.workspace_id,
        client_id: client.client_id.clone(),
        name: client.name.clone(),
        secret_hash: client.secret_hash.clone(),
        settings: stored::write(&client.settings)?,
        disabled_at: client.is_disabled.then_some(now),
        created_at: now,
    };
    insert(tx, row).await?;
    for (position, pool_id) in (0..).zip(&client.pools) {
        insert(tx, client_pool::Model { client_key: client.key, pool_id: *pool_id, position }).await?;
    }
    Ok(())
}

/// Replaces a client's settings.
///
/// # Errors
/// When the database does not answer.
pub async fn save_settings(tx: &Transaction, key: ClientKey, settings: &ClientSettings) -> Result<(), Fault> {
    tx.announce(Topic::Directory);
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
    tx.announce(Topic::Directory);
    Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(since))
        .filter(Column::Id.eq(key))
        .exec(tx.connection())
        .await?;
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
        pools,
        is_disabled: row.disabled_at.is_some(),
    })
}
