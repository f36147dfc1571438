//! Migrations only grow: one that has run somewhere is never edited.

use super::SCHEMAS;
use crate::{architecture::read, support::test_database::TestDatabase};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};

/// SHA-256 of the code of each migration, without comments and white space.
///
/// A database that has run a migration never runs it again. An edited one would give new databases another
/// schema, or other data, than those that exist: write a new migration instead. A new one is recorded when
/// the fixture of its schema is made; the test below prints its line.
const RECORDED: [(&str, &str); 11] = [
    ("m20261124_000001_directory", "X3QixUHLLwQQt4Jr7t8CHxDpUteAUTGTFpgVCDoe1nQ"),
    ("m20261124_000002_authenticators", "g-xUtASb1VwmjKCpB-krTrPnLUUExh0L64JXBeKLBEY"),
    ("m20261124_000003_sign_in", "tx5PzBOb2RzGHQFlaWn4NDaynT6M4db9pKQEbY7ZqtA"),
    ("m20261124_000004_grants", "qNkfwJPdcqYBMVC2yZtN0LNSLtBzDHX1FFX-oZTtZ94"),
    ("m20261124_000005_outbox_and_audit", "gzV0_0Y-LRcumK7T-jFGyzfOl1Mo87Af7RK7d8KFhv8"),
    ("m20261130_000006_cleanup_indexes", "mGrurD7VQ1PiODYhp_uQLZ5aYJpGZlqvJTDT1ja142M"),
    ("m20261130_000007_audit_actor", "9s8a7W8m3Bk1xz1H7BbaVI_dN8Rxk0zBywPb-pfP778"),
    ("m20261201_000008_person_duties", "jDpZravMAuWMYITdYoBYK88mlzIqPHazq8Zm079D0DY"),
    ("m20261201_000009_tickets", "dL-A0Jylx1SS0mn5D2ChO6CjLVnOfM15DSLvr5Fka8I"),
    ("m20261201_000010_provenance", "cmee7Cs_vDoSLBRXnSH0UMlh97SuirCS5xp13kgUJFw"),
    ("m20261201_000011_fair_limits", "GnId__AiE63KYwpyprCOqdYLGkVaF1RlR-Dy5WeWZZE"),
];

/// The code without comment lines, white space and the commas that a line break adds.
fn code_of(text: &str) -> String {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.flat_map(str::chars).filter(|letter| !letter.is_whitespace()).collect();
    code.replace(",)", ")").replace(",}", "}").replace(",]", "]")
}

fn digest_of(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, code_of(text).as_bytes()))
}

#[test]
fn a_recorded_migration_is_not_edited() {
    let migrations = Migrator::migrations();
    let found: Vec<(String, String)> = migrations
        .iter()
        .map(|migration| migration.name().to_owned())
        .map(|name| (digest_of(&read(&format!("migration/src/{name}.rs"))), name))
        .map(|(digest, name)| (name, digest))
        .collect();
    let recorded = RECORDED.map(|(name, digest)| (name.to_owned(), digest.to_owned()));
    let (old, new) = found.split_at(recorded.len().min(found.len()));
    for line in new {
        println!("not recorded yet: {line:?}");
    }
    assert_eq!(old, recorded, "left: as it is; right: as it was; write a new migration instead");
}

#[test]
fn a_reworded_comment_is_no_edit_and_another_statement_is() {
    let text = "//! One.\nfn up() {\n    create(\n        \"a\",\n    );\n}\n";
    assert_eq!(digest_of(text), digest_of("//! Two.\nfn up() {\n    // why\n    create(\"a\");\n}\n"));
    assert_ne!(digest_of(text), digest_of(&text.replace("\"a\"", "\"b\"")));
}

/// Tables, columns, indexes and constraints, as the database describes them.
async fn schema_of(database: &DatabaseConnection) -> Vec<String> {
    let backend = database.get_database_backend();
    let sql = match backend {
        sea_orm::DbBackend::Sqlite => {
            "SELECT sql AS line FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
        }
        _ => {
            "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
                    || coalesce(column_default, '') AS line
               FROM information_schema.columns WHERE table_schema = 'public'
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
               FROM pg_constraint WHERE connamespace = 'public'::regnamespace
             ORDER BY 1"
        }
    };
    let rows = database.query_all_raw(Statement::from_string(backend, sql)).await.expect("the schema");
    rows.iter().map(|row| row.try_get("", "line").expect("text")).collect()
}

async fn connect(database: &TestDatabase) -> DatabaseConnection {
    let mut options = ConnectOptions::new(database.url());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("a connection")
}

/// The migrations that a database has had, in order.
async fn migrations_of(database: &DatabaseConnection) -> Vec<String> {
    let applied = Migrator::get_migration_models(database).await.expect("its migrations");
    applied.into_iter().map(|row| row.version).collect()
}

#[tokio::test]
async fn a_new_database_passes_through_the_schema_of_each_fixture() {
    for schema in SCHEMAS {
        let (older, new) = tokio::join!(TestDatabase::from_fixture(schema), TestDatabase::empty());
        let (older, new) = (connect(&older).await, connect(&new).await);
        let applied = migrations_of(&older).await;
        assert!(!applied.is_empty());
        Migrator::up(&new, u32::try_from(applied.len()).ok()).await.expect("the first migrations");
        assert_eq!(migrations_of(&new).await, applied, "a migration was put before one that has run");
        assert_eq!(
            schema_of(&older).await,
            schema_of(&new).await,
            "left: the fixture; right: a new database"
        );
        Migrator::up(&older, None).await.expect("the fixture is migrated");
        Migrator::up(&new, None).await.expect("the new one too");
        assert_eq!(schema_of(&older).await, schema_of(&new).await, "left: migrated; right: new");
    }
}
