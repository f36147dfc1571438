//! The accept loop: poem's endpoint behind deadlines, limits and strict framing. Never knows the purpose of a
//! request.
//! Spec: RFC 9112, RFC 9113. Called by: `operator` and `demo`.

// `listeners` holds the sockets, `listener` accepts and counts, `descriptors` raises the limit of open files,
// `connection` serves one, `watch` tracks deadlines. Of HTTP/1, `framing` finds where
// requests end with the rules of `request_head`, `stream` passes on the bytes of accepted requests, and
// `refusal` is the response to the others.

mod connection;
mod descriptors;
mod framing;
mod listener;
mod listeners;
mod refusal;
mod request_head;
mod settings;
mod stream;
mod watch;

pub use listener::serve;
pub use listeners::{BindError, Listeners};
pub use settings::ServerSettings;

#[cfg(test)]
mod tests;
