//! One short write transaction, and the topics that it announces at its commit.

use super::{
    Bus, Executor, Fault, Topic, completion::complete, directory_version::DirectoryVersion,
    monitored::Monitored,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QuerySelect, Select, Statement};
use std::sync::Mutex;

/// One write transaction. Dropped without [`Transaction::commit`], it is rolled back.
pub struct Transaction {
    transaction: Monitored<DatabaseTransaction>,
    bus: Bus,
    topics: Mutex<Vec<Topic>>,
    /// The version of the directory, for other processes; `None` on PostgreSQL.
    version: Option<DirectoryVersion>,
}

impl Executor for Transaction {
    type Connection = Monitored<DatabaseTransaction>;
    fn connection(&self) -> &Monitored<DatabaseTransaction> {
        &self.transaction
    }
}

impl Transaction {
    pub(super) fn new(
        transaction: Monitored<DatabaseTransaction>,
        bus: Bus,
        version: Option<DirectoryVersion>,
    ) -> Self {
        Self { transaction, bus, topics: Mutex::new(Vec::new()), version }
    }

    /// Announces a change of `topic` to its waiters on every node once the transaction is committed.
    pub(super) fn announce(&self, topic: Topic) {
        if let Ok(mut topics) = self.topics.lock() {
            topics.push(topic);
        }
    }

    /// Commits, then wakes the waiters. Runs to its end even when its caller is dropped.
    ///
    /// # Errors
    /// When the database did not confirm, or a statement had failed: then nothing in this transaction may be
    /// acknowledged.
    pub async fn commit(self) -> Result<(), Fault> {
        if self.transaction.has_failed() {
            // PostgreSQL answers COMMIT of a failed transaction with success, and rolls back.
            return Err(Fault::broken("a statement of this transaction failed, so it was rolled back"));
        }
        complete(self.finish()).await
    }

    async fn finish(self) -> Result<(), Fault> {
        let topics = self.topics.into_inner().unwrap_or_default();
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            for topic in &topics {
                let statement = Statement::from_sql_and_values(
                    DbBackend::Postgres,
                    "SELECT pg_notify($1, $2)",
                    [super::bus::CHANNEL.into(), topic.to_string().into()],
                );
                self.transaction.execute_raw(statement).await?;
            }
        }
        // Another process on the same file cannot be notified.
        let version = self.version.filter(|_| topics.contains(&Topic::Directory));
        let change = version.map(|version| version.begin()).transpose()?;
        self.transaction.commit().await?;
        drop(change);
        for topic in topics {
            self.bus.notify(topic);
        }
        Ok(())
    }

    /// Adds a lock until the transaction ends to `question`. SQLite runs write transactions one at a time
    /// anyway.
    pub(super) fn lock<E: EntityTrait>(&self, query: Select<E>) -> Select<E> {
        match self.transaction.get_database_backend() {
            DbBackend::Postgres => query.lock_exclusive(),
            _ => query,
        }
    }
}
