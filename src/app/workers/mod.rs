//! What runs beside requests, from the start of the house until it closes: `outbox` carries, `follower` drops what is
//! kept in memory when it changed, `reread` makes up for lost notifications, `retention` forgets.
//!
//! Nothing here wakes while nothing happens, but for the sweeper once an hour.

mod outbox;
mod queue;
mod reread;
mod retention;
mod tasks;

pub use tasks::Workers;
