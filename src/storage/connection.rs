//! How the database is reached, on SQLite and on PostgreSQL.

use super::{Bus, Fault, Transaction, database_file::DatabaseFile, live_access_tokens::BatchLookup};
use crate::config::Migrate;
use migration::MigratorTrait;
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

/// The advisory lock under which nodes migrate one after another: the bytes of `csignmig`.
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"csignmig");

/// Who opens an SQLite file. PostgreSQL takes any number of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// A server: the only one on its file, for as long as it runs.
    Server,
    /// A verb of the command line: it may do its work beside a server, which keeps nothing in memory that decides
    /// who may sign in. Beside a server it leaves the schema alone.
    Command,
}

/// How many connections there are, and how long a request waits for one.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    /// To PostgreSQL; they read and write.
    pub max_connections: u32,
    /// After it a request is answered 503.
    pub acquire_timeout: Duration,
}

impl Default for PoolSize {
    fn default() -> Self {
        Self { max_connections: 16, acquire_timeout: Duration::from_secs(3) }
    }
}

/// Where questions may be asked: the house's connections, or a unit that is under way.
pub trait Executor: Sync {
    /// What the question is asked of.
    type Connection: ConnectionTrait;
    /// The connection or transaction itself.
    fn connection(&self) -> &Self::Connection;
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    readers: DatabaseConnection,
    writer: DatabaseConnection,
    bus: Bus,
    pub(super) live_access_tokens: BatchLookup,
    /// The file, on SQLite.
    file: Option<DatabaseFile>,
    /// Held while the process lives, so that no second one opens the same SQLite file.
    _lock: Option<Arc<File>>,
}

impl Executor for Storage {
    type Connection = DatabaseConnection;
    fn connection(&self) -> &DatabaseConnection {
        &self.readers
    }
}

impl Storage {
    /// Opens the database at `url` for a server, brings its schema up to date, and starts to listen for what other
    /// nodes change.
    ///
    /// # Errors
    /// See [`Storage::open_as`].
    pub async fn open(url: &str) -> Result<Self, Fault> {
        Self::open_with(url, PoolSize::default()).await
    }

    /// The same with these connections.
    ///
    /// # Errors
    /// See [`Storage::open_as`].
    pub async fn open_with(url: &str, connections: PoolSize) -> Result<Self, Fault> {
        Self::open_whole(OpenMode::Server, url, Migrate::Auto, connections).await
    }

    /// Opens the database at `url` (`sqlite:///path/to/file.db` or `postgres://…`), does about its schema what
    /// `migrate` says, and starts to listen for what other nodes change.
    ///
    /// # Errors
    /// When it cannot be reached, is held by another server (SQLite), or its schema is not this program's.
    pub async fn open_as(mode: OpenMode, url: &str, migrate: Migrate) -> Result<Self, Fault> {
        Self::open_whole(mode, url, migrate, PoolSize::default()).await
    }

    async fn open_whole(
        mode: OpenMode,
        url: &str,
        migrate: Migrate,
        connections: PoolSize,
    ) -> Result<Self, Fault> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(mode, url, migrate, connections.acquire_timeout).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url, migrate, connections).await
        } else {
            let scheme = url.split(':').next().unwrap_or_default();
            Err(Fault::broken(format!(
                "the database address begins with `{scheme}:`; it must begin with `sqlite:` or `postgres:`"
            )))
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
        let writer = Database::connect(sqlite_options(url, 1, acquire_timeout)).await.map_err(unreachable)?;
        prepare_schema(&writer, if lock.is_none() { Migrate::Check } else { migrate }).await?;
        let readers =
            Database::connect(sqlite_options(url, 4, acquire_timeout)).await.map_err(unreachable)?;
        let live_access_tokens = BatchLookup::open(readers.clone());
        let bus = Bus::within_process();
        Ok(Self { readers, writer, bus, live_access_tokens, file: Some(file), _lock: lock })
    }

    async fn open_postgres(url: &str, migrate: Migrate, connections: PoolSize) -> Result<Self, Fault> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections.max_connections)
            .min_connections(1)
            .acquire_timeout(connections.acquire_timeout)
            .connect_timeout(connections.acquire_timeout)
            .test_before_acquire(true)
            .sqlx_logging(false);
        let pool = Database::connect(options).await.map_err(unreachable)?;
        let lock = pool.begin().await?;
        lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        prepare_schema(&pool, migrate).await?;
        lock.commit().await?;
        let bus = Bus::across_nodes(pool.get_postgres_connection_pool().clone());
        let live_access_tokens = BatchLookup::open(pool.clone());
        Ok(Self { readers: pool.clone(), writer: pool, bus, live_access_tokens, file: None, _lock: None })
    }

    /// Opens one write transaction. What it notifies is heard after its commit, and only then.
    ///
    /// # Errors
    /// A temporary [`Fault`] when no connection is to be had in time, or the database file is no longer there.
    pub async fn begin(&self) -> Result<Transaction, Fault> {
        self.check_file()?;
        let options = TransactionOptions {
            // A deferred transaction that reads first and writes later fails when another has written meanwhile.
            sqlite_transaction_mode: (self.backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Transaction::new(self.writer.begin_with_options(options).await?, self.bus.clone()))
    }

    /// Where changes are announced and waited for.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Asks the database for nothing, to see that it answers.
    ///
    /// # Errors
    /// A temporary [`Fault`] when it does not.
    pub async fn ping(&self) -> Result<(), Fault> {
        self.check_file()?;
        self.readers.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// What is written to a file that nobody finds again is lost.
    fn check_file(&self) -> Result<(), Fault> {
        self.file.as_ref().map_or(Ok(()), DatabaseFile::check)
    }

    /// Which database this is.
    pub(super) fn backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    /// Closes every connection, so that a SQLite file is whole without its log.
    ///
    /// # Errors
    /// When a connection cannot be closed.
    pub async fn close(self) -> Result<(), Fault> {
        self.readers.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

fn unreachable(error: sea_orm::DbErr) -> Fault {
    Fault::away("the database cannot be opened: check its address, that it runs, and who may read it", error)
}

/// Brings the schema up to date, or looks whether it is.
async fn prepare_schema(db: &DatabaseConnection, migrate: Migrate) -> Result<(), Fault> {
    match migrate {
        Migrate::Auto => migration::Migrator::up(db, None).await?,
        Migrate::Off => {}
        Migrate::Check => {
            let pending = migration::Migrator::get_pending_migrations_read_only(db).await?.len();
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

fn sqlite_options(url: &str, connections: u32, acquire_timeout: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(acquire_timeout)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                // The file was made by us; one that is gone must not come back empty.
                .create_if_missing(false)
                .foreign_keys(true)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
        });
    options
}

/// The file of an SQLite address.
fn sqlite_path(url: &str) -> PathBuf {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    path.split('?').next().unwrap_or_default().into()
}

/// Takes the lock file beside a SQLite database: two servers on one file would not hear each other's changes.
fn lock_beside(mode: OpenMode, path: &Path) -> Result<Option<Arc<File>>, Fault> {
    let path = PathBuf::from(format!("{}.lock", path.display()));
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = file.map_err(|error| {
        Fault::because(format!("cannot write beside the database: {}", path.display()), error)
    })?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Arc::new(file))),
        Err(TryLockError::WouldBlock) if mode == OpenMode::Command => Ok(None),
        Err(error) => Err(Fault::away(
            format!(
                "another process holds {}: stop it first, or give this one its own database",
                path.display()
            ),
            error,
        )),
    }
}
