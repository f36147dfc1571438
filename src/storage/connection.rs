//! Opens the database, on SQLite and on PostgreSQL.

use super::{
    Bus, Cause, Executor, Fault, Transaction,
    completion::complete,
    connection_checks::{check_postgres, check_sqlite},
    database_file::DatabaseFile,
    directory_version::{DirectoryVersion, Freshness},
    health::{Health, Work},
    listener::bus_across_nodes,
    live_access_tokens::BatchLookup,
    monitored::Monitored,
    schema::{absent, check_presence, prepare_schema},
};
use crate::config::{DatabaseUrl, Migrate};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use std::{
    fs::{File, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The advisory lock that makes nodes migrate one after another: the bytes of `csignmig`.
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"csignmig");

/// The kind of process that opens an SQLite file. PostgreSQL accepts any number of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// A server: the only one on its file while it runs.
    Server,
    /// A command of the command line. It may work beside a server, which notices its changes. Beside a server it does
    /// not migrate the schema.
    Command,
    /// As `Command`, for a database that must exist: nothing is created, not even a file.
    Existing,
}

/// The size of the connection pool and the time that a request waits for a connection.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    /// Connections to PostgreSQL, for reads and writes.
    pub max_connections: u32,
    /// The longest wait for a connection; after it a request is answered 503.
    pub acquire_timeout: Duration,
}

impl Default for PoolSize {
    fn default() -> Self {
        Self { max_connections: 16, acquire_timeout: Duration::from_secs(3) }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    readers: Monitored<DatabaseConnection>,
    writer: DatabaseConnection,
    health: Health,
    bus: Bus,
    pub(super) live_access_tokens: BatchLookup,
    /// The version of the directory; `None` on PostgreSQL.
    version: Option<DirectoryVersion>,
    /// The database file; `None` on PostgreSQL.
    file: Option<DatabaseFile>,
    /// Held while the process lives, so that no second server opens the same SQLite file.
    _lock: Option<Arc<File>>,
}

impl Executor for Storage {
    type Connection = Monitored<DatabaseConnection>;
    fn connection(&self) -> &Monitored<DatabaseConnection> {
        &self.readers
    }
}

impl Storage {
    /// Opens the database at `url` for a server, brings its schema up to date, and listens for changes made
    /// by other nodes.
    ///
    /// # Errors
    /// See [`Storage::open_as`].
    pub async fn open(url: &str) -> Result<Self, Fault> {
        Self::open_with(url, PoolSize::default()).await
    }

    /// As [`Storage::open`], with this pool size.
    ///
    /// # Errors
    /// See [`Storage::open_as`].
    pub async fn open_with(url: &str, connections: PoolSize) -> Result<Self, Fault> {
        Self::open_whole(OpenMode::Server, url, Migrate::Auto, connections).await
    }

    /// Opens the database at `url` (`sqlite:///path/to/file.db` or `postgres://…`), treats pending migrations
    /// as `migrate` says, and listens for changes made by other nodes.
    ///
    /// # Errors
    /// When it cannot be reached, another server holds it (SQLite), or its schema does not fit this program.
    pub async fn open_as(mode: OpenMode, url: &str, migrate: Migrate) -> Result<Self, Fault> {
        Self::open_whole(mode, url, migrate, PoolSize::default()).await
    }

    async fn open_whole(
        mode: OpenMode,
        url: &str,
        migrate: Migrate,
        connections: PoolSize,
    ) -> Result<Self, Fault> {
        let database = DatabaseUrl::parse(url)
            .map_err(|problem| Fault::broken(format!("the database URL: {problem}")))?;
        match database {
            DatabaseUrl::Sqlite { .. } => {
                if mode == OpenMode::Existing {
                    check_sqlite_presence(&database, &sqlite_path(url)).await?;
                }
                Self::open_sqlite(mode, url, migrate, connections.acquire_timeout).await
            }
            DatabaseUrl::Postgres { .. } => {
                let opened = Self::open_postgres(mode, url, migrate, connections, &database).await;
                opened.map_err(|fault| fault.at(&database))
            }
        }
    }

    async fn open_sqlite(
        mode: OpenMode,
        url: &str,
        migrate: Migrate,
        acquire_timeout: Duration,
    ) -> Result<Self, Fault> {
        let path = sqlite_path(url);
        let lock = lock_beside(mode, &path)?;
        let file = DatabaseFile::open(&path)?;
        let health = Health::default();
        let options = |connections| sqlite_options(url, connections, acquire_timeout, &health);
        let writer = Database::connect(options(1)).await.map_err(unreachable)?;
        prepare_schema(&writer, if lock.is_none() { Migrate::Check } else { migrate }).await?;
        let readers = Database::connect(options(4)).await.map_err(unreachable)?;
        let readers = Monitored::reading(readers, health.clone());
        let live_access_tokens = BatchLookup::open(readers.clone());
        let version = Some(DirectoryVersion::open(&path)?);
        let bus = Bus::within_process();
        Ok(Self { readers, writer, health, bus, live_access_tokens, version, file: Some(file), _lock: lock })
    }

    async fn open_postgres(
        mode: OpenMode,
        url: &str,
        migrate: Migrate,
        connections: PoolSize,
        database: &DatabaseUrl,
    ) -> Result<Self, Fault> {
        let health = Health::default();
        let checked = health.clone();
        let mut options = ConnectOptions::new(url);
        options
            .map_sqlx_postgres_pool_opts(move |options| check_postgres(options, &checked))
            .max_connections(connections.max_connections)
            .min_connections(1)
            .acquire_timeout(connections.acquire_timeout)
            .connect_timeout(connections.acquire_timeout)
            // `check_postgres` tests the connection.
            .test_before_acquire(false)
            .sqlx_logging(false);
        let pool = Database::connect(options).await.map_err(unreachable)?;
        if mode == OpenMode::Existing {
            check_presence(&pool, database).await?;
        }
        let lock = pool.begin().await?;
        lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        prepare_schema(&pool, migrate).await?;
        lock.commit().await?;
        let bus = bus_across_nodes(pool.get_postgres_connection_pool().clone(), health.clone());
        let readers = Monitored::reading(pool.clone(), health.clone());
        let live_access_tokens = BatchLookup::open(readers.clone());
        let (version, file) = (None, None);
        Ok(Self { readers, writer: pool, health, bus, live_access_tokens, version, file, _lock: None })
    }

    /// Opens one write transaction. Its announcements are delivered only after its commit.
    ///
    /// # Errors
    /// A temporary [`Fault`] when no connection is free in time, or the database file was removed or
    /// replaced.
    pub async fn begin(&self) -> Result<Transaction, Fault> {
        self.check_file()
            .inspect_err(|fault| self.health.is_away(Work::Write, &Cause::in_words(fault.chain())))?;
        let options = TransactionOptions {
            // A deferred transaction that reads first and writes later fails when another one wrote in
            // between.
            sqlite_transaction_mode: (self.backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let writer = self.writer.clone();
        let begin = async move { writer.begin_with_options(options).await };
        let begun = match self.backend() {
            // SQLite's driver rolls back a BEGIN whose caller was dropped; PostgreSQL's driver leaves it
            // open.
            DbBackend::Postgres => complete(begin).await,
            _ => begin.await,
        };
        let transaction = begun.inspect_err(|error| self.health.failed_at_boundary(error))?;
        let transaction = Monitored::writing(transaction, self.health.clone());
        Ok(Transaction::new(transaction, self.bus.clone(), self.version.clone()))
    }

    /// Reports that a write had no answer within its deadline of `seconds`.
    pub fn report_no_answer(&self, seconds: u64) {
        self.health.hangs(Work::Write, seconds);
    }

    /// Checks that the latest statements show a database that serves. While writes fail, one that needs less
    /// room may still succeed, so that a single success proves nothing.
    ///
    /// # Errors
    /// A temporary [`Fault`] from the first failure until a success that follows a second without one.
    pub fn check_serving(&self) -> Result<(), Fault> {
        if self.health.is_serving() {
            return Ok(());
        }
        Err(Fault::away(
            "the database does not serve",
            "statements failed, and none has succeeded a second later",
        ))
    }

    /// Returns the version of workspaces, pools and clients, which each change of a command counts up; `None` on
    /// PostgreSQL, where changes are announced to every node.
    pub fn directory_version(&self) -> Option<Freshness> {
        self.version.as_ref().map(DirectoryVersion::freshness)
    }

    /// Returns the bus that announces changes.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Refuses to write to a file that was removed or replaced: the data would be lost.
    fn check_file(&self) -> Result<(), Fault> {
        self.file.as_ref().map_or(Ok(()), DatabaseFile::check)
    }

    /// The connection for writes.
    #[cfg(test)]
    pub(super) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// The kind of database.
    pub(super) fn backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    /// Closes every connection, so that an SQLite file is complete without its write-ahead log.
    ///
    /// # Errors
    /// When a connection cannot be closed.
    pub async fn close(self) -> Result<(), Fault> {
        self.readers.inner().close_by_ref().await?;
        self.writer.close().await?;
        Ok(())
    }
}

fn unreachable(error: sea_orm::DbErr) -> Fault {
    Fault::away(
        "the database cannot be opened: check database_url, that the database runs, and its permissions",
        error,
    )
}

fn sqlite_options(url: &str, connections: u32, acquire_timeout: Duration, health: &Health) -> ConnectOptions {
    let checked = health.clone();
    let mut options = ConnectOptions::new(url);
    options
        .map_sqlx_sqlite_pool_opts(move |options| check_sqlite(options, &checked))
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(acquire_timeout)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                // `DatabaseFile` created the file; a file that was removed must not come back empty.
                .create_if_missing(false)
                .foreign_keys(true)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
        });
    options
}

/// Fails when there is no database at `path`. Opens the file for reading only, and in no other journal mode than its
/// own, so that a file of another program stays as it is.
async fn check_sqlite_presence(database: &DatabaseUrl, path: &Path) -> Result<(), Fault> {
    let length = std::fs::metadata(path).map(|file| file.len()).unwrap_or_default();
    if length == 0 {
        return Err(absent(database));
    }
    let mut options = ConnectOptions::new(format!("sqlite:{}?mode=ro", path.display()));
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await.map_err(unreachable)?;
    let presence = check_presence(&connection, database).await;
    connection.close().await?;
    presence
}

/// Returns the file of an SQLite URL.
fn sqlite_path(url: &str) -> PathBuf {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    path.split('?').next().unwrap_or_default().into()
}

/// Takes the lock file beside an SQLite database: two servers on one file would miss each other's
/// announcements. `None` for a command beside a running server.
fn lock_beside(mode: OpenMode, path: &Path) -> Result<Option<Arc<File>>, Fault> {
    let path = PathBuf::from(format!("{}.lock", path.display()));
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = file.map_err(|error| {
        Fault::because(format!("cannot write the lock file beside the database: {}", path.display()), error)
    })?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Arc::new(file))),
        Err(TryLockError::WouldBlock) if mode != OpenMode::Server => Ok(None),
        Err(error) => Err(Fault::away(
            format!(
                "another process holds {}: stop it first, or give this one its own database",
                path.display()
            ),
            error,
        )),
    }
}
