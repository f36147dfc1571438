//! Enrolls a phone during a sign-in, when a second factor is required and the person has none.
//!
//! `page` shows the state of the enrollment, `confirm` accepts its form, and `status` tells a waiting page of
//! changes. The first challenge to the new phone is the sign-in's second factor and also tests the phone.

pub mod confirm;
pub mod page;

mod status;

pub(super) use status::read;
