//! Compares the migrations that a database has with those that this program has.
//!
//! Never writes: also a database user without rights to change the schema may ask. Spec: none.
//! Called by: `storage`, before it migrates or reads anything.

use super::Migrator;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseConnection, EntityTrait},
    seaql_migrations,
};

/// The migrations that a database has and this program does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMigrations {
    /// Their names, in order; never empty.
    pub names: Vec<String>,
    /// Whether the database has any of this program's migrations: then a newer version of it wrote the
    /// others.
    pub has_known: bool,
}

/// Returns whether any program has migrated the database: without a list of migrations, or with an empty one, it
/// is new or belongs to a program that keeps none.
///
/// # Errors
/// When the database does not answer.
pub async fn is_migrated(db: &DatabaseConnection) -> Result<bool, DbErr> {
    if !SchemaManager::new(db).has_table("seaql_migrations").await? {
        return Ok(false);
    }
    Ok(seaql_migrations::Entity::find().one(db).await?.is_some())
}

/// Finds the migrations of the database that this program does not have; `None` for a new database, an older
/// one or one of the same version.
///
/// # Errors
/// When the database does not answer.
pub async fn find_unknown(db: &DatabaseConnection) -> Result<Option<UnknownMigrations>, DbErr> {
    if !SchemaManager::new(db).has_table("seaql_migrations").await? {
        return Ok(None);
    }
    let applied = seaql_migrations::Entity::find().all(db).await?;
    let migrations = Migrator::migrations();
    let is_known = |name: &String| migrations.iter().any(|migration| migration.name() == name);
    let applied = applied.into_iter().map(|row| row.version);
    let (known, mut names): (Vec<String>, Vec<String>) = applied.partition(is_known);
    names.sort();
    Ok((!names.is_empty()).then_some(UnknownMigrations { names, has_known: !known.is_empty() }))
}
