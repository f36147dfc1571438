//! Workspaces: the tenants of an installation.

use super::{
    Executor, Fault, Topic, Transaction,
    insert::{insert, insert_if_absent},
};
use crate::{clock::Timestamp, directory::Workspace};
use ::entity::{
    ids::WorkspaceId,
    workspace::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

/// Finds the workspace with this slug.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_slug(db: &impl Executor, slug: &str) -> Result<Option<Workspace>, Fault> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).one(db.connection()).await?.map(from_row))
}

/// Finds the workspace with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: WorkspaceId) -> Result<Option<Workspace>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?.map(from_row))
}

/// Adds a workspace.
///
/// # Errors
/// When the slug is taken or the database does not answer.
pub async fn insert_workspace(tx: &Transaction, workspace: &Workspace, now: Timestamp) -> Result<(), Fault> {
    tx.announce(Topic::Directory(workspace.id));
    insert(tx, to_row(workspace, now)).await
}

/// Adds a workspace unless its slug is taken; `true` for one of several callers with the same slug.
///
/// # Errors
/// When the database does not answer.
pub async fn add_workspace(tx: &Transaction, workspace: &Workspace, now: Timestamp) -> Result<bool, Fault> {
    tx.announce(Topic::Directory(workspace.id));
    insert_if_absent(tx, to_row(workspace, now)).await
}

/// Lists every workspace, by slug.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Executor) -> Result<Vec<Workspace>, Fault> {
    let rows = Entity::find().order_by_asc(Column::Slug).all(db.connection()).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Gets the workspace with this id and locks its row until the transaction ends.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn lock(tx: &Transaction, id: WorkspaceId) -> Result<Workspace, Fault> {
    let row = tx.lock(Entity::find_by_id(id)).one(tx.connection()).await?;
    row.map(from_row).ok_or_else(|| Fault::broken(format!("workspace {id} is not there")))
}

/// Replaces the display name of a workspace.
///
/// # Errors
/// When the database does not answer.
pub async fn save_display_name(tx: &Transaction, id: WorkspaceId, name: &str) -> Result<(), Fault> {
    tx.announce(Topic::Directory(id));
    Entity::update_many()
        .col_expr(Column::DisplayName, Expr::value(name))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn to_row(workspace: &Workspace, now: Timestamp) -> Model {
    Model {
        id: workspace.id,
        slug: workspace.slug.clone(),
        display_name: workspace.display_name.clone(),
        created_at: now,
    }
}

fn from_row(row: Model) -> Workspace {
    Workspace { id: row.id, slug: row.slug, display_name: row.display_name }
}
