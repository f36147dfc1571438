//! Background tasks, from start to shutdown: `outbox` sends queued messages, `tasks` starts all of them, `reread` makes up for lost notifications, `retention` deletes old rows.
//!
//! Never wakes without work, except for the hourly retention.
//! Spec: none.
//! Called by: `operator` and the tests.

mod outbox;
mod queue;
mod reread;
mod retention;
mod tasks;

pub use tasks::Workers;
