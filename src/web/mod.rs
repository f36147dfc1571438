//! What the HTTP interfaces share: the context of a request, forms and their CSRF token, pages and error
//! pages, problem documents.
//! Never decides anything about a sign-in, a token or a device.
//! Spec: RFC 9457; HTML forms.
//! Called by: every interface.

mod context;

pub use context::context;
