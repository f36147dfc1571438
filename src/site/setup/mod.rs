//! Creates the first person and the first client, by two forms behind a link that works once.
//!
//! Stores nothing until the second form, which carries the sealed contents of the first. At the end both
//! exist, or neither, and then the link still works.

mod client_form;
mod draft;
mod handlers;
mod person_form;
mod request;

pub use handlers::{accept, show};
