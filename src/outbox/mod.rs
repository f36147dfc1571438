//! The outbox: rows queued in the transaction that causes them, sent by a dispatcher.
//!
//! Never knows about sign-ins: an envelope holds an address and a message.
//! Spec: RFC 8030, 8188, 8291, 8292 (Web Push).
//! Called by: `app`, which starts the dispatcher, and the interfaces, which wake it after a commit.

mod carrier;
mod circuit_breaker;
mod decision;
mod dispatcher;
mod envelope;
/// Restricts the addresses that outgoing requests may reach.
pub mod guard;
mod hosts;
mod message_encryption;
mod payload;
mod push_answer;
mod queue;
#[cfg(test)]
mod samples;
mod web_push;
mod web_push_address;

pub use carrier::{Carrier, Delivery};
pub use decision::{DeliveryState, Next, decide};
pub use dispatcher::Dispatcher;
pub use envelope::Envelope;
pub use payload::{DeviceChange, PushMessage, topic};
pub use queue::{Queue, QueueError, Transport};
pub use web_push::WebPush;
pub use web_push_address::{AddressError, WebPushAddress};
