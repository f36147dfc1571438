//! Manners that all faces share: the server's loop, headers, cookies, addresses, budgets, error pages.
//!
//! Never knows what a request is for.
//! Spec: RFC 9110, 9112, 6265bis, 9457; Fetch metadata.
//! Called by: every face and `app`.
//!
//! On the way in: `server` (sockets) → `manners` (one middleware: `head`, `source`, `request_id`, `body_limit`)
//! → `methods`, `cors` (per route) → a face. On the way out: `representation` (fixed bytes), `problem`, `fault`,
//! `error_body`, `security_headers`. Beside the road: `urls`, `cookies`, `forgery`, `budgets`.

/// How much of a body is read.
pub mod body_limit;
/// What one source may do in a while.
pub mod budgets;
/// One name for the machine in front of the browser.
pub mod canonical_host;
/// The two cookies of the house.
pub mod cookies;
/// Who may read answers from another origin (Fetch, CORS protocol).
pub mod cors;
/// Requests that another site made the browser send.
pub mod csrf;
/// What a person or a machine sees when there is no answer.
pub mod error_body;
/// What failed here, for the operator.
pub mod fault;
/// Whether a body is said to be a form.
pub mod form_type;
mod head;
mod host;
/// A page of the theme as an answer.
pub mod html;
/// A path's methods.
pub mod methods;
/// The middleware that surrounds every handler.
pub mod middleware;
/// Problem documents (RFC 9457).
pub mod problem;
/// Bytes that are the same for everyone.
pub mod representation;
/// The name of one request in answers and logs.
pub mod request_id;
/// What every answer says to browsers.
pub mod security_headers;
/// The accept loop and its deadlines.
pub mod server;
/// Where a request comes from.
pub mod source;
/// How long a handler may take.
pub mod time_limit;
/// Every path of the house.
pub mod urls;
