//! What leaves the house: rows written with the step that caused them, then carried by a worker.
//!
//! Never knows of sign-ins: an envelope says where it goes and what is inside, and that is all.
//! Spec: RFC 8030, 8188, 8291, 8292 (Web Push).
//! Called by: `app`, which starts the worker, and the faces, which nudge it after a commit.

mod carrier;
mod circuit_breaker;
mod decision;
mod dispatcher;
mod envelope;
/// Where requests of ours may go.
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
pub use payload::{PushMessage, topic};
pub use queue::{LeasedRow, Queue, QueueError, Transport};
pub use web_push::WebPush;
pub use web_push_address::{AddressError, WebPushAddress};
