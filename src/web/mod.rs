//! What the HTTP interfaces share: the context of a request, forms and their CSRF token, pages and error
//! pages, problem documents.
//! Never decides anything about a sign-in, a token or a device.
//! Spec: RFC 9457; HTML forms.
//! Called by: every interface.

mod browser;
mod context;
mod errors;
mod form;
mod limits;
/// Responses for browsers: pages and redirects.
pub mod page;

pub use browser::{Browser, KnownBrowser, cookies, hash};
pub use context::context;
pub use errors::ErrorPages;
pub use form::{Decision, Form, check_type};
pub use limits::{overloaded, too_many};
pub use page::Refusal;
