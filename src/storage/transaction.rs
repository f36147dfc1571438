//! One short write transaction, and the topics that it announces at its commit.

use super::{
    Bus, Executor, Fault, Topic,
    bus::{CHANNEL, DIRECTORY, WORKSPACE_CHANNEL},
    completion::complete,
    directory_version::DirectoryVersion,
    monitored::Monitored,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QuerySelect, Select, Statement};
use std::sync::Mutex;

/// Returns the channel and the payload of each announcement. Changes of workspaces come last and together, the one for
/// nodes of an earlier version after all: `listener` relies on it.
fn announcements(topics: &[Topic]) -> Vec<(&'static str, String)> {
    let (workspaces, others): (Vec<_>, Vec<_>) =
        topics.iter().partition(|topic| matches!(topic, Topic::Directory(_)));
    let of = |channel| move |topic: &Topic| (channel, topic.to_string());
    let for_all = (!workspaces.is_empty()).then(|| (CHANNEL, DIRECTORY.to_owned()));
    let others = others.into_iter().map(of(CHANNEL));
    others.chain(workspaces.into_iter().map(of(WORKSPACE_CHANNEL))).chain(for_all).collect()
}

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
            for (channel, payload) in announcements(&topics) {
                let statement = Statement::from_sql_and_values(
                    DbBackend::Postgres,
                    "SELECT pg_notify($1, $2)",
                    [channel.into(), payload.into()],
                );
                self.transaction.execute_raw(statement).await?;
            }
        }
        // Another process on the same file cannot be notified.
        let is_directory = |topic: &Topic| matches!(topic, Topic::Directory(_));
        let version = self.version.filter(|_| topics.iter().any(is_directory));
        let change = version.map(|version| version.begin()).transpose()?;
        let committed = self.transaction.commit().await;
        // Also after a failed commit, which may have reached the database: a cache that is dropped in vain is read again.
        for topic in topics.iter().filter(|topic| is_directory(topic)) {
            self.bus.notify(*topic);
        }
        drop(change);
        committed?;
        for topic in topics.into_iter().filter(|topic| !is_directory(topic)) {
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
