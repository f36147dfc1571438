//! Tickets: one-time codes of an operator, without which a person whose second factors were taken away adds no first
//! one. `create` makes one and says when a person needs one, `entitlement` decides in a sign-in, `redeem` is one
//! attempt there.

mod create;
mod entitlement;
mod redeem;

pub use create::{Ticket, create_for};
pub(super) use create::{create, require_after_removal};
pub(super) use entitlement::{Entitled, entitled};
pub(super) use redeem::{Outcome, normalized, record_blocked, redeem};
