//! Listens for the announcements of other nodes, on PostgreSQL only.
//!
//! Never trusts a silent connection: a server that became a standby or read-only sends nothing, because the
//! announcements are made on another server. Spec: PostgreSQL, LISTEN. Called by:
//! `connection`, once.

use super::{
    Cause,
    bus::{Bus, CHANNEL, DIRECTORY, Topic, WORKSPACE_CHANNEL, WeakBus},
    connection_checks::IS_READ_ONLY,
    health::{Health, Work},
};
use sqlx::{
    Executor, Row,
    postgres::{PgListener, PgPool},
};
use std::time::Duration;

/// Pause between two attempts to listen.
const PAUSE: Duration = Duration::from_secs(1);
/// Silence after which the connection is asked whether its server still takes writes.
const QUIET: Duration = Duration::from_secs(5);
/// Time limit for that answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The reason why listening ended.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("{0}")]
    Driver(Cause),
    #[error("the server closed the connection")]
    Closed,
    #[error("the server takes no writes: it is a standby, or read-only")]
    ReadOnly,
    #[error("no answer within {} s", PATIENCE.as_secs())]
    NoAnswer,
    #[error("connections are opened again after a failure")]
    Retired,
}

impl From<sqlx::Error> for Lost {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error.into())
    }
}

/// A bus for a database that several nodes write: receives the announcements of the other nodes. A lost
/// listening connection loses notifications, so every waiter is then woken to read again.
pub(super) fn bus_across_nodes(pool: PgPool, health: Health) -> Bus {
    let bus = Bus::default();
    tokio::spawn(listen(pool, health, WeakBus::of(&bus)));
    bus
}

/// Listens while the bus is held and the pool is open, reconnecting after each loss.
async fn listen(pool: PgPool, health: Health, bus: WeakBus) {
    let mut is_listening = true;
    while bus.upgrade().is_some() && !pool.is_closed() {
        let mut was_listening = false;
        let lost = listen_once(&pool, &health, &bus, &mut was_listening).await;
        if pool.is_closed() {
            return;
        }
        if was_listening && !is_listening {
            tracing::info!("listening again for changes made at other nodes");
        }
        is_listening |= was_listening;
        if let Err(lost) = lost {
            if matches!(lost, Lost::ReadOnly) {
                health.is_away(Work::Write, &Cause::of(&lost));
                health.retire(PAUSE / 2);
            }
            if is_listening && !matches!(lost, Lost::Retired) {
                tracing::warn!(
                    "not listening for changes made at other nodes; trying again every second: {lost}"
                );
                is_listening = false;
            } else {
                tracing::debug!("not listening for changes made at other nodes: {lost}");
            }
        }
        pause().await;
    }
}

async fn listen_once(
    pool: &PgPool,
    health: &Health,
    bus: &WeakBus,
    was_listening: &mut bool,
) -> Result<(), Lost> {
    let retirement = health.retirement();
    tokio::pin!(retirement);
    let mut listener = PgListener::connect_with(pool).await?;
    // `listen` reconnects instead, and wakes every waiter to make up for missed notifications.
    listener.eager_reconnect(false);
    check(&mut listener).await?;
    listener.listen_all([CHANNEL, WORKSPACE_CHANNEL]).await?;
    *was_listening = true;
    let Some(woken) = bus.upgrade() else { return Ok(()) };
    woken.notify_all();
    drop(woken);
    let mut named = None;
    loop {
        let heard = tokio::select! {
            heard = tokio::time::timeout(QUIET, listener.try_recv()) => heard,
            () = &mut retirement => return Err(Lost::Retired),
        };
        let Some(bus) = bus.upgrade() else { return Ok(()) };
        match heard {
            Ok(notification) => {
                let notification = notification?.ok_or(Lost::Closed)?;
                receive(&bus, notification.process_id(), notification.payload(), &mut named);
            }
            Err(_) => check(&mut listener).await?,
        }
    }
}

/// Passes one announcement on. `named` is the server process whose last announcement named the workspace that has
/// changed: PostgreSQL sends the announcements of one transaction together and in their order, so the one that says that
/// a workspace has changed then says nothing new. Without a name before it, it is of a node of an earlier version, and any
/// workspace may have changed.
fn receive(bus: &Bus, process: u32, payload: &str, named: &mut Option<u32>) {
    let before = named.take();
    if payload == DIRECTORY {
        if before != Some(process) {
            bus.directory_changed(None);
        }
        return;
    }
    match Topic::parse(payload) {
        Some(topic) => {
            *named = matches!(topic, Topic::Directory(_)).then_some(process);
            bus.notify(topic);
        }
        None => tracing::warn!("ignoring a notification with an unknown payload"),
    }
}

/// Fails on a server that does not take writes.
async fn check(listener: &mut PgListener) -> Result<(), Lost> {
    let row = tokio::time::timeout(PATIENCE, listener.fetch_one(IS_READ_ONLY)).await;
    let row = row.map_err(|_| Lost::NoAnswer)??;
    if row.try_get("is_read_only")? { Err(Lost::ReadOnly) } else { Ok(()) }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a pause between attempts to reconnect, not part of any answer"
)]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::entity::ids::WorkspaceId;
    use sea_orm::prelude::Uuid;
    use std::sync::{Arc, Mutex};

    /// What the caches are told after these announcements, each by its server process.
    fn told(announcements: &[(u32, &str)]) -> Vec<Option<WorkspaceId>> {
        let (bus, heard) = (Bus::within_process(), Arc::new(Mutex::new(Vec::new())));
        let follower = Arc::clone(&heard);
        bus.follow_directory(move |workspace| {
            follower.lock().unwrap().push(workspace);
            true
        });
        let mut named = None;
        for (process, payload) in announcements {
            receive(&bus, *process, payload, &mut named);
        }
        heard.lock().unwrap().clone()
    }

    #[test]
    fn a_workspace_that_was_named_is_dropped_alone() {
        let (one, two) = (WorkspaceId(Uuid::from_u128(1)), WorkspaceId(Uuid::from_u128(2)));
        let (first, second) = (one.to_string(), two.to_string());
        assert_eq!(told(&[(7, &first), (7, DIRECTORY)]), [Some(one)]);
        assert_eq!(told(&[(7, &first), (7, &second), (7, DIRECTORY)]), [Some(one), Some(two)]);
    }

    #[test]
    fn a_change_without_a_name_drops_everything() {
        let one = WorkspaceId(Uuid::from_u128(1));
        let first = one.to_string();
        assert_eq!(told(&[(7, DIRECTORY)]), [None]);
        assert_eq!(told(&[(7, &first), (8, DIRECTORY)]), [Some(one), None]);
        assert_eq!(told(&[(7, &first), (7, DIRECTORY), (7, DIRECTORY)]), [Some(one), None]);
        assert_eq!(told(&[(7, &first), (7, "outbox"), (7, DIRECTORY)]), [Some(one), None]);
    }
}
