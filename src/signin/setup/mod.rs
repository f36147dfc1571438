//! The first person and the first client, by two short forms behind a link that works once.
//!
//! Nothing is kept until the second form: what the first one said travels sealed in the second. So either both are
//! there at the end, or neither, and the link still works.

mod client_form;
mod draft;
mod handlers;
mod page;
mod person_form;

pub use handlers::{accept, show};
