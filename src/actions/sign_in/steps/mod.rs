//! What a submitted form does, one file per step.

mod enroll;
mod identify;
mod new_password;
mod prove;
mod push;
mod ticket;

pub(super) use enroll::{cancel_enrollment, confirm_enrollment, offer_enrollment};
pub(super) use identify::identify;
pub(super) use new_password::change_password;
pub(super) use prove::{prove_code, prove_password};
pub(super) use push::{after_end, send_challenge, take_approval};
pub(super) use ticket::redeem_ticket;
