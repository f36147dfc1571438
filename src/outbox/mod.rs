//! What leaves the house: rows written with the step that caused them, then carried by a worker.
//!
//! Never knows of sign-ins: an envelope says where it goes and what is inside, and that is all.
//! Spec: RFC 8030, 8188, 8291, 8292 (Web Push).
//! Called by: `app`, which starts the worker, and the faces, which nudge it after a commit.

mod carrier;
mod circuit_breaker;
mod decision;
mod envelope;
/// Where requests of ours may go.
pub mod guard;
mod hosts;
mod ledger;
mod message_encryption;
mod payload;
mod push_answer;
#[cfg(test)]
mod samples;
mod web_push;
mod web_push_address;
mod worker;

pub use carrier::{Carrier, Delivery};
pub use decision::{Next, Progress, decide};
pub use envelope::Envelope;
pub use ledger::{Leased, Ledger, LedgerError, Transport};
pub use payload::{PushMessage, topic};
pub use web_push::WebPush;
pub use web_push_address::{AddressError, WebPushAddress};
pub use worker::Worker;
