//! A connection or transaction that reports its outcomes to `health`.
//!
//! Never changes a statement or its result. Spec: none.
//! Called by: every query, through `Executor::connection`.

use super::health::{Health, Work, now};
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

/// Passes every statement on to `C` and reports its outcome to [`Health`].
#[derive(Clone, Debug)]
pub struct Monitored<C> {
    connection: C,
    health: Health,
    work: Work,
    has_failed: Arc<AtomicBool>,
}

impl<C> Monitored<C> {
    /// Wraps a connection for reads outside of any transaction.
    pub(super) fn reading(connection: C, health: Health) -> Self {
        Self { connection, health, work: Work::Read, has_failed: Arc::default() }
    }

    /// Wraps one write transaction.
    pub(super) fn writing(connection: C, health: Health) -> Self {
        Self { connection, health, work: Work::Write, has_failed: Arc::default() }
    }

    /// Returns the wrapped connection.
    pub(super) fn inner(&self) -> &C {
        &self.connection
    }

    /// Whether a statement has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    async fn watch<T>(&self, statement: BoxFuture<'_, Result<T, DbErr>>) -> Result<T, DbErr> {
        let watched =
            Watched { health: &self.health, work: self.work, since: now(), statement: Some(statement) };
        let outcome = watched.await;
        match &outcome {
            // The success of a write is its commit.
            Ok(_) if self.work == Work::Read => self.health.served(Work::Read),
            Ok(_) => {}
            Err(error) => {
                self.has_failed.store(true, Ordering::Relaxed);
                self.health.failed(self.work, error);
            }
        }
        outcome
    }
}

impl Monitored<DatabaseTransaction> {
    /// Commits. After an error the state of the connection is unknown, and it is not used again.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        let outcome = self.connection.commit().await;
        match &outcome {
            Ok(()) => self.health.served(Work::Write),
            Err(error) => self.health.failed_at_boundary(error),
        }
        outcome
    }
}

#[async_trait::async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Monitored<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        trace(&statement);
        self.watch(self.connection.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watch(self.connection.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        trace(&statement);
        self.watch(self.connection.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        trace(&statement);
        self.watch(self.connection.query_all_raw(statement)).await
    }
}

/// Reports the text of a statement, without its values.
fn trace(statement: &Statement) {
    tracing::trace!(target: "countersign::statements", sql = %statement.sql);
}

/// A statement in progress. Dropped before its answer, it raises doubt before its connection is returned.
struct Watched<'a, T> {
    health: &'a Health,
    work: Work,
    since: Instant,
    statement: Option<BoxFuture<'a, T>>,
}

impl<T> Future for Watched<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(statement) = &mut self.statement else { return Poll::Pending };
        let answer = statement.as_mut().poll(context);
        if answer.is_ready() {
            self.statement = None;
        }
        answer
    }
}

impl<T> Drop for Watched<'_, T> {
    fn drop(&mut self) {
        if self.statement.is_some() {
            self.health.abandoned(self.work, self.since.elapsed());
        }
    }
}
