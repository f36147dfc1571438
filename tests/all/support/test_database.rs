//! A database for one test: SQLite in a temporary folder, or PostgreSQL if a server is configured.
//!
//! The schema is made once per run and copied: a file, or a template database. A database of PostgreSQL has
//! some 300 files, so the database of a finished test is emptied, renamed and given to another test.
//! `COUNTERSIGN_TEST_DATABASE=postgres://…` names a database of a server where databases may be created; a
//! few remain.

pub mod from_fixture;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::{
    process,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use url::Url;

/// The variable with the server's URL; unset means SQLite.
const SERVER: &str = "COUNTERSIGN_TEST_DATABASE";

static SQLITE_TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);
/// Empty databases of finished tests.
static LEFT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Empties every table but the list of migrations. Foreign keys cascade, so any order will do.
const CLEAR: &str = "DO $$ DECLARE its_name text; BEGIN
    FOR its_name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'
    LOOP EXECUTE format('DELETE FROM %I', its_name); END LOOP; END $$";
/// The attempts to end remaining connections, with a pause between them.
const THROWS: u32 = 500;

/// An empty database with the newest schema. When it is dropped, remaining connections lose it.
pub struct TestDatabase {
    url: String,
    home: Home,
}

enum Home {
    Folder {
        _folder: TempDir,
    },
    Server {
        server: Url,
        name: String,
    },
    /// Not reused, because its schema is not that of the template.
    Own {
        server: Url,
        name: String,
    },
}

impl TestDatabase {
    /// Creates one of this run's kind of database.
    pub async fn new() -> Self {
        match std::env::var(SERVER) {
            Ok(server) => {
                Self::on_server(&Url::parse(&server).expect("COUNTERSIGN_TEST_DATABASE is a URL")).await
            }
            Err(_) => Self::in_folder().await,
        }
    }

    /// The database URL for the program.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        !matches!(self.home, Home::Folder { .. })
    }

    async fn in_folder() -> Self {
        let template = SQLITE_TEMPLATE.get_or_init(sqlite_template).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("countersign.db");
        std::fs::write(&file, template).expect("a file in it");
        Self { url: sqlite_url(&file), home: Home::Folder { _folder: folder } }
    }

    async fn on_server(server: &Url) -> Self {
        let left = LEFT.lock().expect("the list").pop();
        let name = match left {
            Some(name) => name,
            None => {
                let template = POSTGRES_TEMPLATE.get_or_init(|| postgres_template(server)).await;
                let name = new_name();
                execute(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                name
            }
        };
        Self { url: at(server, &name), home: Home::Server { server: server.clone(), name } }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Home::Own { server, name } = &self.home {
            from_fixture::drop_database(server.clone(), name);
        }
        if let Home::Server { server, name } = &self.home {
            let (server, left) = (server.clone(), name.clone());
            // Its own thread: a test's runtime cannot wait for itself.
            let clearing = thread::spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(clear(&server, &left))
            });
            match clearing.join() {
                Ok(name) => LEFT.lock().expect("the list").push(name),
                Err(_) if thread::panicking() => {}
                Err(_) => panic!("{name} could not be cleared"),
            }
        }
    }
}

async fn sqlite_template() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("template.db");
    migrate(&sqlite_url(&file)).await;
    std::fs::read(&file).expect("the template")
}

async fn postgres_template(server: &Url) -> String {
    let name = format!("countersign_template_{}", process::id());
    execute(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    execute(server, &format!("CREATE DATABASE {name}")).await;
    migrate(&at(server, &name)).await;
    name
}

/// Ends the remaining connections to a database and empties it; returns its new name.
async fn clear(server: &Url, name: &str) -> String {
    let new_name = new_name();
    let admin = connect(server.as_str()).await;
    let throw_out = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'; SELECT pg_sleep(0.002)"
    );
    let rename = format!("ALTER DATABASE {name} RENAME TO {new_name}");
    for throw in 1.. {
        admin.execute_unprepared(&throw_out).await.expect("the connections end");
        match admin.execute_unprepared(&rename).await {
            Ok(_) => break,
            Err(error) => assert!(throw < THROWS, "{rename}: {error}"),
        }
    }
    admin.close().await.expect("the connection is closed");
    execute_at(&at(server, &new_name), CLEAR).await;
    new_name
}

fn new_name() -> String {
    format!("countersign_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

async fn migrate(url: &str) {
    let database = connect(url).await;
    Migrator::up(&database, None).await.expect("every migration succeeds");
    database.close().await.expect("the template is closed");
}

async fn execute(server: &Url, statement: &str) {
    execute_at(server.as_str(), statement).await;
}

async fn execute_at(url: &str, statement: &str) {
    let database = connect(url).await;
    database.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    database.close().await.expect("the connection is closed");
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| panic!("the test database: {error}"))
}

fn sqlite_url(file: &std::path::Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

fn at(server: &Url, name: &str) -> String {
    let mut url = server.clone();
    url.set_path(name);
    url.into()
}

mod tests {
    use super::*;
    use ::entity::setting;
    use sea_orm::{ActiveModelTrait, EntityTrait, PaginatorTrait, Set};

    #[tokio::test]
    async fn every_test_has_its_own_database_with_the_whole_schema() {
        let (mine, yours) = tokio::join!(TestDatabase::new(), TestDatabase::new());
        assert_ne!(mine.url(), yours.url());
        assert_eq!(mine.is_postgres(), mine.url().starts_with("postgres"));
        let (here, there) = (connect(mine.url()).await, connect(yours.url()).await);
        let row = setting::ActiveModel {
            name: Set("color".to_owned()),
            value: Set("green".into()),
            updated_at: Set(::entity::Timestamp(0)),
        };
        row.insert(&here).await.expect("a row is written");
        let count =
            async |database| setting::Entity::find().count(database).await.expect("the table is there");
        assert_eq!((count(&here).await, count(&there).await), (1, 0));
    }

    #[tokio::test]
    async fn a_database_that_was_left_is_empty_and_out_of_reach() {
        let mine = TestDatabase::new().await;
        let (url, is_postgres) = (mine.url().to_owned(), mine.is_postgres());
        let still_here = connect(&url).await;
        let row = setting::ActiveModel {
            name: Set("color".to_owned()),
            value: Set("green".into()),
            updated_at: Set(::entity::Timestamp(0)),
        };
        row.insert(&still_here).await.expect("a row is written");
        drop(mine);
        if is_postgres {
            assert!(setting::Entity::find().count(&still_here).await.is_err(), "the old name is gone");
        }
        let next = TestDatabase::new().await;
        let here = connect(next.url()).await;
        assert_eq!(setting::Entity::find().count(&here).await.expect("the table is there"), 0);
    }
}
