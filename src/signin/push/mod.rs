//! The approval on the phone. The phone lays a signed answer on the table; only the browser that began the sign-in
//! picks it up.
//!
//! `send_challenge` asks the devices, when the sign-in leads here or the person wants it again (`send`); `page` shows where that
//! stands; `take` picks up the approval. `status` reads a challenge as the passing of time has made it, `history`
//! what the limits say, `agent` names the browser.

pub mod page;
pub mod send;
pub mod take;

mod history;
mod ring;
mod status;
mod user_agent;

pub(super) use ring::send_challenge;
pub(super) use status::read;
