//! The push step: approval on the phone. The phone stores a signed answer; only the browser that began the
//! sign-in can consume it.
//!
//! `page` shows how the challenge stands, `forms` sends one and takes its approval, and `status` tells a
//! waiting page of changes. `sentences` are those of the page.

pub mod forms;
pub mod page;

mod sentences;
mod status;

pub(super) use status::read;
