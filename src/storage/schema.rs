//! Prepares the schema of a database that was just opened: migrates it, checks it, or refuses it.
//!
//! Never migrates down: migrations are forward-only, and a database of a newer version is left unchanged.
//! Spec: none. Called by: `storage::connection`.

use super::Fault;
use crate::config::{DatabaseUrl, Migrate};
use migration::{Migrator, MigratorTrait, UnknownMigrations, find_unknown, is_migrated};
use sea_orm::DatabaseConnection;

/// Handles pending migrations as `migrate` says, after checking that the database is not newer than this
/// program.
///
/// # Errors
/// When the database does not answer, has migrations that this program does not know, or lacks some under
/// [`Migrate::Check`].
pub(super) async fn prepare_schema(db: &DatabaseConnection, migrate: Migrate) -> Result<(), Fault> {
    if let Some(unknown) = find_unknown(db).await? {
        return Err(refuse(&unknown));
    }
    match migrate {
        Migrate::Auto => Migrator::up(db, None).await?,
        Migrate::Off => {}
        Migrate::Check => {
            let pending = Migrator::get_pending_migrations_read_only(db).await?.len();
            if pending > 0 {
                return Err(Fault::broken(format!(
                    "the database lacks {pending} migrations of this program: stop every server that uses it, then \
                     run `countersign migrate`"
                )));
            }
        }
    }
    Ok(())
}

/// Fails when no program has migrated the database: it is empty, or belongs to a program that keeps no list of
/// migrations. Writes nothing.
///
/// # Errors
/// [`absent`], or that the database does not answer.
pub(super) async fn check_presence(db: &DatabaseConnection, database: &DatabaseUrl) -> Result<(), Fault> {
    if is_migrated(db).await? { Ok(()) } else { Err(absent(database)) }
}

/// The fault of a command that needs a database where there is none.
pub(super) fn absent(database: &DatabaseUrl) -> Fault {
    Fault::broken(format!(
        "there is no database of Countersign: looked for the {}, and created nothing; start `countersign serve` to \
         create one, or name the right one by --data-dir, --database or COUNTERSIGN_DATABASE_URL",
        database.described()
    ))
}

fn refuse(unknown: &UnknownMigrations) -> Fault {
    let noun = if unknown.names.len() == 1 { "migration" } else { "migrations" };
    let names = format!("{noun} {}", unknown.names.join(", "));
    Fault::broken(if unknown.has_known {
        format!(
            "the database was made by a newer version of Countersign: this version ({}) does not know its {names}; \
             use the newer version, or restore a backup from before the upgrade",
            env!("CARGO_PKG_VERSION")
        )
    } else {
        format!(
            "the database belongs to another program: it has the {names} and none of Countersign's; give \
             Countersign a database of its own"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(has_known: bool) -> String {
        refuse(&UnknownMigrations { names: vec!["m1_one".to_owned(), "m2_two".to_owned()], has_known })
            .chain()
    }

    #[test]
    fn a_refusal_names_every_unknown_migration_and_the_remedy() {
        let newer = sentence(true);
        assert!(newer.contains("newer version of Countersign"), "{newer}");
        assert!(newer.contains("m1_one, m2_two") && newer.contains("restore a backup"), "{newer}");
        let foreign = sentence(false);
        assert!(foreign.contains("belongs to another program") && foreign.contains("m1_one"), "{foreign}");
        assert!(!foreign.contains("newer version"), "{foreign}");
    }
}
