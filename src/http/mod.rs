//! The HTTP layer of all interfaces: accept loop, middleware, headers, cookies, addresses, error pages.
//! Never knows the purpose of a request.
//! Spec: RFC 9110, 9112, 6265bis, 9457; Fetch metadata.
//! Called by: every interface and `app`.

// A request passes `server` (sockets), `middleware` (with `head`, `source`, `request_id`, `body_limit`), then
// `methods` and `cors` of its route, then an interface. A response passes `representation` (fixed bytes),
// `problem`, `fault` or `error_body`, then `security_headers`.

/// The limits of a request's body.
pub mod body_limit;
/// Redirects to the public URL from other names of this machine.
pub mod canonical_host;
/// The two cookies of this server.
pub mod cookies;
/// Cross-origin resource sharing (Fetch, CORS protocol).
pub mod cors;
/// Protection against cross-site request forgery.
pub mod csrf;
/// Error pages and error documents.
pub mod error_body;
/// Server faults, for the operator.
pub mod fault;
pub mod fields;
/// Recognizes form bodies.
pub mod form_type;
mod head;
mod host;
/// A page of the theme as a response.
pub mod html;
/// The methods of a path.
pub mod methods;
/// The middleware that surrounds every handler.
pub mod middleware;
/// Problem documents (RFC 9457).
pub mod problem;
/// Responses with fixed bytes.
pub mod representation;
/// The id of a request in responses and logs.
pub mod request_id;
/// The security headers of every response.
pub mod security_headers;
/// The accept loop and its deadlines.
pub mod server;
/// The address that a request comes from.
pub mod source;
/// The time limit of a handler.
pub mod time_limit;
/// Every path of this server.
pub mod urls;
/// The user agent of a request.
pub mod user_agent;
