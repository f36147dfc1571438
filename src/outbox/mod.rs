//! The outbox: rows queued in the transaction that causes them, sent by a dispatcher.
//!
//! Never knows about sign-ins: an envelope holds an address and a message.
//! Spec: RFC 8030, 8188, 8291, 8292 (Web Push); RFC 5321, 5322, 8314 (mail).
//! Called by: `workers`, which start the dispatcher; `actions`, which queue messages.

mod carrier;
mod circuit_breaker;
mod decision;
mod dispatcher;
mod envelope;
/// Restricts the addresses that outgoing requests may reach.
pub mod guard;
mod hosts;
mod letter;
mod message_encryption;
mod payload;
mod push_answer;
mod queue;
#[cfg(test)]
mod samples;
mod smtp;
mod terms;
mod web_push;
mod web_push_address;

pub use carrier::{Carrier, Carriers, Delivery, Failure};
pub use decision::{DeliveryState, Next, decide};
pub use dispatcher::Dispatcher;
pub use envelope::{Address, Body, Envelope, Subscription};
pub use letter::{DeviceFacts, EmailMessage, Letter};
pub use payload::{DeviceChange, PushMessage, topic};
pub use queue::{Finished, Queue, QueueError, Transport};
pub use smtp::{Smtp, SmtpError};
pub use web_push::{PushKeys, WebPush};
pub use web_push_address::{AddressError, WebPushAddress};
