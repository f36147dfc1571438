//! A database for one test alone: SQLite in a temporary folder, or PostgreSQL when there is a server to use.
//!
//! The schema is laid once per run and copied: a file, or a template database.
//! `COUNTERSIGN_TEST_DATABASE=postgres://…` names a database of a server where databases may be created.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use url::Url;

/// Where the server is told; unset means SQLite.
const SERVER: &str = "COUNTERSIGN_TEST_DATABASE";

static SQLITE_TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// An empty database with the newest schema. Gone when it is dropped, whoever is still connected.
pub struct TestDatabase {
    url: String,
    home: Home,
}

enum Home {
    Folder { _folder: TempDir },
    Server { server: Url, name: String },
}

impl TestDatabase {
    /// A fresh one, of the kind that this run is about.
    pub async fn new() -> Self {
        match std::env::var(SERVER) {
            Ok(server) => {
                Self::on_server(&Url::parse(&server).expect("COUNTERSIGN_TEST_DATABASE is a URL")).await
            }
            Err(_) => Self::in_folder().await,
        }
    }

    /// What the product takes as its database URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.home, Home::Server { .. })
    }

    async fn in_folder() -> Self {
        let template = SQLITE_TEMPLATE.get_or_init(sqlite_template).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("countersign.db");
        std::fs::write(&file, template).expect("a file in it");
        Self { url: sqlite_url(&file), home: Home::Folder { _folder: folder } }
    }

    async fn on_server(server: &Url) -> Self {
        let template = POSTGRES_TEMPLATE.get_or_init(|| postgres_template(server)).await;
        let name = format!("countersign_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        execute(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self { url: at(server, &name), home: Home::Server { server: server.clone(), name } }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Home::Server { server, name } = &self.home {
            let (server, statement) = (server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
            // Its own thread: a test's runtime cannot wait for itself.
            let dropping = thread::spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(execute(&server, &statement));
            });
            if dropping.join().is_err() && !thread::panicking() {
                panic!("{name} could not be dropped");
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

async fn migrate(url: &str) {
    let database = connect(url).await;
    Migrator::up(&database, None).await.expect("every migration succeeds");
    database.close().await.expect("the template is closed");
}

async fn execute(server: &Url, statement: &str) {
    let database = connect(server.as_str()).await;
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
}
