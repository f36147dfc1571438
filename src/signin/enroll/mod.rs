//! Enrolls a phone during a sign-in, when a second factor is required and the person has none.
//!
//! `offer` begins an enrollment when the sign-in reaches this step, and another one when the person begins
//! again; `page` shows its state;
//! `confirm` checks the code that the phone shows. `overtaken` refuses a tab whose person has got a second
//! factor elsewhere. `status` reads an enrollment and applies expiry. The first challenge to the new phone is
//! the sign-in's second factor and also tests the phone.

pub mod confirm;
pub mod page;

mod offer;
mod overtaken;
mod status;

pub(super) use offer::offer;
pub(super) use overtaken::{notice, overtaken};
pub(super) use status::read;
