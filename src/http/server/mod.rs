//! The accept loop: poem's endpoint behind deadlines, caps and strict framing.
//!
//! `listeners` are the sockets · `listener` accepts · `descriptors` makes room · `admission` counts · `connection` serves
//! one · `watch` knows what a connection may wait for · `stream` is the socket as the watch sees it · `framing` refuses
//! what proxies could read differently · `bare_refusal` gives words to what the parser refuses.

mod admission;
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
