//! The accept loop: poem's endpoint behind deadlines, limits and strict framing.

// `listeners` holds the sockets, `listener` accepts and counts, `descriptors` raises the limit of open files,
// `connection` serves one, `watch` tracks deadlines, `stream` reports activity to the watch, `framing`
// refuses ambiguous messages, `bare_refusal` explains parser errors.

mod bare_refusal;
mod connection;
mod descriptors;
mod framing;
mod listener;
mod listeners;
mod stream;
mod watch;

pub use listener::{ServerSettings, serve};
pub use listeners::{BindError, Listeners};

#[cfg(test)]
mod tests;
