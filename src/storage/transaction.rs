//! One short write transaction, and what is announced when it commits.

use super::{Bus, Executor, Fault, Topic};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QuerySelect, Select, Statement};
use std::sync::Mutex;

/// One write transaction. Dropped without [`Transaction::commit`], it leaves no trace.
pub struct Transaction {
    transaction: DatabaseTransaction,
    bus: Bus,
    topics: Mutex<Vec<Topic>>,
}

impl Executor for Transaction {
    type Connection = DatabaseTransaction;
    fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

impl Transaction {
    pub(super) fn new(transaction: DatabaseTransaction, bus: Bus) -> Self {
        Self { transaction, bus, topics: Mutex::new(Vec::new()) }
    }

    /// Announces a change of `topic` to everyone who waits for it, on every node, once this unit is committed.
    pub(super) fn announce(&self, topic: Topic) {
        if let Ok(mut topics) = self.topics.lock() {
            topics.push(topic);
        }
    }

    /// Makes it durable, then wakes whoever waits.
    ///
    /// # Errors
    /// When the database did not confirm: nothing of this unit may then be acknowledged.
    pub async fn commit(self) -> Result<(), Fault> {
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
        self.transaction.commit().await?;
        for topic in topics {
            self.bus.notify(topic);
        }
        Ok(())
    }

    /// The same question, holding what it finds until the unit ends. On SQLite the whole unit is alone anyway.
    pub(super) fn lock<E: EntityTrait>(&self, question: Select<E>) -> Select<E> {
        match self.transaction.get_database_backend() {
            DbBackend::Postgres => question.lock_exclusive(),
            _ => question,
        }
    }
}
