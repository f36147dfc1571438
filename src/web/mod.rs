//! What the HTTP interfaces share: the tenant and the context of a request, forms and their CSRF token, pages and error
//! pages, problem documents, and the translation of a use case's errors to HTTP.
//! Never decides anything about a sign-in, a token or a device.
//! Spec: RFC 9457; HTML forms.
//! Called by: every interface.

mod action_error;
mod browser;
mod context;
mod error_page;
mod form;
/// Responses for browsers: pages and redirects.
pub mod page;
pub mod problem;
mod tenant_routes;

pub use browser::{Browser, KnownBrowser};
pub use context::context;
pub use error_page::{ErrorPages, Refusal, overloaded, too_many_requests};
pub use form::{Decision, Form, check_type};
pub use tenant_routes::{TenantRoutes, is_client_origin, tenant};
