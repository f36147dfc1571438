//! The push step: approval on the phone. The phone stores a signed answer; only the browser that began the
//! sign-in can consume it.
//!
//! `send_challenge` notifies the devices, when the sign-in reaches this step or the person requests it again
//! (`send`); `page` shows the state; `take` consumes the approval. `status` reads a challenge and applies
//! expiry, `history` reads what the limits need, `user_agent` describes the browser.

pub mod page;
pub mod send;
pub mod take;

mod history;
mod ring;
mod status;
mod user_agent;

pub(super) use ring::send_challenge;
pub(super) use status::read;
