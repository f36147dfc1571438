//! Enrolling a phone in the middle of a sign-in: who owes a second factor and has none sets one up first.
//!
//! `offer` begins a pairing when the sign-in leads here, or again; `page` shows how far it is; `confirm` takes the code
//! that the phone shows. `status` reads a pairing as the passing of time has made it. The first request to the new
//! phone is the sign-in's own second factor, and its trial.

pub mod confirm;
pub mod page;

mod offer;
mod status;

pub(super) use offer::offer;
pub(super) use status::read;
