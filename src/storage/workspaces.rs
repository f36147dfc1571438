//! Workspaces: the tenants of an installation.

use super::{Executor, Fault, Topic, Transaction, insert::insert};
use crate::{clock::Timestamp, directory::Workspace};
use ::entity::workspace::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Finds the workspace with this slug.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_slug(db: &impl Executor, slug: &str) -> Result<Option<Workspace>, Fault> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).one(db.connection()).await?.map(from_row))
}

/// Adds a workspace.
///
/// # Errors
/// When the slug is taken or the database does not answer.
pub async fn insert_workspace(tx: &Transaction, workspace: &Workspace, now: Timestamp) -> Result<(), Fault> {
    tx.announce(Topic::Directory);
    let row = Model {
        id: workspace.id,
        slug: workspace.slug.clone(),
        display_name: workspace.display_name.clone(),
        created_at: now,
    };
    insert(tx, row).await
}

fn from_row(row: Model) -> Workspace {
    Workspace { id: row.id, slug: row.slug, display_name: row.display_name }
}
