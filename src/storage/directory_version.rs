//! The version of workspaces, pools and clients in an SQLite file: each transaction that changes one of them counts
//! it up, so that a server notices the change of a command, which is another process and cannot notify it.
//!
//! Never used on PostgreSQL, where `NOTIFY` reaches every node. Concurrent lookups are batched: requests that arrive
//! while one query runs share the next one, and each is answered from data that was read after it arrived.
//! Spec: none. Called by: `connection`, and `transaction` at a commit.

use super::{Fault, monitored::Monitored};
use ::entity::setting::Entity;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait};
use tokio::sync::{mpsc, oneshot};

/// The setting that holds the number.
const NAME: &str = "directory.version";
/// Counts it up. The row's time is not read, and a transaction has no clock.
const COUNT_UP: &str = "INSERT INTO setting (name, value, updated_at) VALUES ('directory.version', '1', 0) \
                        ON CONFLICT (name) DO UPDATE SET value = CAST(setting.value AS INTEGER) + 1";
/// Lookups that share one query.
const MAX_SHARED: usize = 1024;

/// Counts the version up, in the transaction of the change.
pub(super) async fn count_up(tx: &impl ConnectionTrait) -> Result<(), Fault> {
    tx.execute_unprepared(COUNT_UP).await?;
    Ok(())
}

type Answer = Result<i64, Fault>;

/// Sends lookups to the task that answers them.
#[derive(Clone)]
pub(super) struct VersionLookup(mpsc::UnboundedSender<oneshot::Sender<Answer>>);

impl VersionLookup {
    /// Starts the task on `db`; it ends when every sender is dropped. The queue is bounded because the number of
    /// requests is.
    pub(super) fn open(db: Monitored<DatabaseConnection>) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut requests: Vec<oneshot::Sender<Answer>> = Vec::new();
            while receiver.recv_many(&mut requests, MAX_SHARED).await > 0 {
                let found = read(&db).await;
                for request in requests.drain(..) {
                    // The receiver may be gone when its request was dropped.
                    let _ = request.send(found.as_ref().copied().map_err(Fault::shared));
                }
            }
        });
        Self(sender)
    }

    /// Reads the version; 0 before the first change.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read(&self) -> Result<i64, Fault> {
        let (answer, received) = oneshot::channel();
        let closed = || Fault::broken("the lookup task of the directory's version has stopped");
        self.0.send(answer).map_err(|_| closed())?;
        received.await.map_err(|_| closed())?
    }
}

async fn read(db: &impl ConnectionTrait) -> Answer {
    let row = Entity::find_by_id(NAME).one(db).await?;
    Ok(row.and_then(|row| row.value.as_i64()).unwrap_or_default())
}
