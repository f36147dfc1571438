//! Identity pools.

use super::{Cause, Executor, Fault, Topic, Transaction, insert::insert, stored};
use crate::{clock::Timestamp, directory::Pool};
use ::entity::{
    ids::{PoolId, WorkspaceId},
    pool::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

/// Gets the pool with this id.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn get(db: &impl Executor, id: PoolId) -> Result<Pool, Fault> {
    let row = Entity::find_by_id(id).one(db.connection()).await?;
    row.ok_or_else(|| Fault::broken(format!("pool {id} is not there"))).and_then(from_row)
}

/// Finds the workspace's pool with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find_own(db: &impl Executor, workspace: WorkspaceId, id: PoolId) -> Result<Option<Pool>, Fault> {
    let own = Entity::find_by_id(id).filter(Column::WorkspaceId.eq(workspace));
    own.one(db.connection()).await?.map(from_row).transpose()
}

/// Lists the workspace's pools with these ids.
///
/// # Errors
/// When the database does not answer.
pub async fn list_own(
    db: &impl Executor,
    workspace: WorkspaceId,
    ids: &[PoolId],
) -> Result<Vec<Pool>, Fault> {
    let own = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    let rows = own.filter(Column::WorkspaceId.eq(workspace)).all(db.connection()).await?;
    rows.into_iter().map(from_row).collect()
}

/// Finds the workspace's pool with this slug.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_slug(
    db: &impl Executor,
    workspace: WorkspaceId,
    slug: &str,
) -> Result<Option<Pool>, Fault> {
    let found = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Slug.eq(slug))
        .one(db.connection())
        .await?;
    found.map(from_row).transpose()
}

/// Lists every pool of the workspace, by slug.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Executor, workspace: WorkspaceId) -> Result<Vec<Pool>, Fault> {
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .order_by_asc(Column::Slug)
        .all(db.connection())
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Adds a pool.
///
/// # Errors
/// When its policy is out of range, the slug is taken or the database does not answer.
pub async fn insert_pool(tx: &Transaction, pool: &Pool, now: Timestamp) -> Result<(), Fault> {
    let out_of_range = |problem| Fault::because(format!("the pool {}", pool.slug), Cause::of(&problem));
    pool.policy.push.check().map_err(out_of_range)?;
    tx.announce(Topic::Directory(pool.workspace_id));
    let row = Model {
        id: pool.id,
        workspace_id: pool.workspace_id,
        slug: pool.slug.clone(),
        display_name: pool.display_name.clone(),
        policy: stored::write(&pool.policy)?,
        created_at: now,
    };
    insert(tx, row).await
}

/// Gets the pool with this id and locks its row until the transaction ends.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn lock(tx: &Transaction, id: PoolId) -> Result<Pool, Fault> {
    let row = tx.lock(Entity::find_by_id(id)).one(tx.connection()).await?;
    row.ok_or_else(|| Fault::broken(format!("pool {id} is not there"))).and_then(from_row)
}

/// Replaces the display name and the policy of a pool, which was checked.
///
/// # Errors
/// When the database does not answer.
pub async fn save(tx: &Transaction, pool: &Pool) -> Result<(), Fault> {
    tx.announce(Topic::Directory(pool.workspace_id));
    Entity::update_many()
        .col_expr(Column::DisplayName, Expr::value(&pool.display_name))
        .col_expr(Column::Policy, Expr::value(stored::write(&pool.policy)?))
        .filter(Column::Id.eq(pool.id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn from_row(row: Model) -> Result<Pool, Fault> {
    Ok(Pool {
        policy: stored::read_or_refuse(&row.id, row.policy)?,
        id: row.id,
        workspace_id: row.workspace_id,
        slug: row.slug,
        display_name: row.display_name,
    })
}
