//! A database of an earlier version of the program.

use super::{Home, SERVER, TestDatabase, at, connect, execute, new_name, sqlite_url};
use sea_orm::ConnectionTrait;
use std::{fs, path::PathBuf, thread};
use url::Url;

impl TestDatabase {
    /// Copies the fixture `schema`, a folder of `tests/all/fixtures`, into this run's kind of database,
    /// without migrating it.
    pub async fn from_fixture(schema: &str) -> Self {
        let fixture = fixture_folder(schema);
        let Ok(server) = std::env::var(SERVER) else {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let file = folder.path().join("countersign.db");
            fs::copy(fixture.join("sqlite.db"), &file).expect("the fixture is copied");
            return Self { url: sqlite_url(&file), home: Home::Folder { _folder: folder } };
        };
        let database =
            Self::created_on(Url::parse(&server).expect("COUNTERSIGN_TEST_DATABASE is a URL")).await;
        let dump = fs::read_to_string(fixture.join("postgres.sql")).expect("the fixture is text");
        // The dump empties the search path of its connection, so no other statement may follow on it.
        let connection = connect(database.url()).await;
        connection.execute_unprepared(&dump).await.expect("the fixture is loaded");
        connection.close().await.expect("the connection is closed");
        database
    }

    /// A database without any table.
    pub async fn empty() -> Self {
        let Ok(server) = std::env::var(SERVER) else {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let url = sqlite_url(&folder.path().join("countersign.db"));
            return Self { url, home: Home::Folder { _folder: folder } };
        };
        Self::created_on(Url::parse(&server).expect("COUNTERSIGN_TEST_DATABASE is a URL")).await
    }

    async fn created_on(server: Url) -> Self {
        let name = new_name();
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        Self { url: at(&server, &name), home: Home::Own { server, name } }
    }
}

/// The folder of the fixture `schema`.
pub fn fixture_folder(schema: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "all", "fixtures", schema].iter().collect()
}

/// Drops a database, and ends every connection to it.
pub(super) fn drop_database(server: Url, name: &str) {
    let statement = format!("DROP DATABASE {name} WITH (FORCE)");
    // Its own thread: a test's runtime cannot wait for itself.
    let dropping = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(execute(&server, &statement));
    });
    if dropping.join().is_err() && !thread::panicking() {
        panic!("{name} could not be dropped");
    }
}
