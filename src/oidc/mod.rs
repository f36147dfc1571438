//! The endpoints for clients: token, userinfo, introspection, revocation, discovery, keys.
//! Never renders a page.
//! Spec: RFC 6749, 6750, 7009, 7662, 8414; OpenID Connect Core and Discovery.
//! Called by: `routes`.

// `client` reads a request, authenticates its client, and only then calls the endpoint's own function, which
// follows the RFC. `request` reads what a client sends, `answer` builds the response.

mod answer;
mod client;
mod discovery;
mod introspection;
mod request;
mod revocation;
mod token;
mod userinfo;

pub use discovery::{discovery_endpoint, jwks_endpoint};
pub use introspection::introspection_endpoint;
pub use revocation::revocation_endpoint;
pub use token::token_endpoint;
pub use userinfo::userinfo_endpoint;

use crate::{app::App, http::cors::Cors, web};
use std::sync::Arc;

/// Allows scripts of registered applications to read responses. A preflight names no client, so the origins
/// of all clients of the tenant are allowed.
pub fn relying_party_origins(app: &Arc<App>) -> Cors {
    let app = Arc::clone(app);
    Cors::listed(move |request, origin| {
        let is_allowed = web::is_client_origin(&app, request, origin);
        async move {
            is_allowed.await.unwrap_or_else(|fault| {
                fault.log("cannot look up the origins of clients, so none is allowed");
                false
            })
        }
    })
}
