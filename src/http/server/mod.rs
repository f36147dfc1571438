//! The accept loop: poem's endpoint behind deadlines, caps and strict framing.
//!
//! `doors` are the sockets · `listener` accepts · `descriptors` makes room · `admission` counts · `connection` serves
//! one · `watch` knows what a connection may wait for · `stream` is the socket as the watch sees it · `framing` refuses
//! what proxies could read differently · `bare_refusal` gives words to what the parser refuses.

mod admission;
mod bare_refusal;
mod connection;
mod descriptors;
mod doors;
mod framing;
mod listener;
mod stream;
mod watch;

pub use doors::{Closed, Doors};
pub use listener::{ServerSettings, serve};

#[cfg(test)]
mod tests;
