//! Answers machines: token, userinfo, introspection, revocation, discovery, keys.
//!
//! Never draws a page.
//! Spec: RFC 6749, 6750, 7009, 7662, 8414; OpenID Connect Core and Discovery.
//! Called by: `routes`.
//!
//! A handler reads as the RFC's own steps: who asks (`client`), what for (`protocol` reads the form), may they
//! (`protocol` again), and the answer. `call` is one request, `answer` its end, `trail` what is kept of it.

mod answer;
mod call;
mod client;
mod discovery;
mod introspection;
mod jwks;
mod revocation;
mod token;
mod trail;
mod userinfo;

pub use discovery::discovery;
pub use introspection::introspection_endpoint;
pub use jwks::jwks_endpoint;
pub use revocation::revocation_endpoint;
pub use token::token_endpoint;
pub use userinfo::userinfo_endpoint;

use crate::{app::App, http::cors::Cors};
use std::sync::Arc;

/// Lets scripts of registered applications read the answers. At a preflight no client is known: the origins of all.
pub fn relying_party_origins(app: &Arc<App>) -> Cors {
    let app = Arc::clone(app);
    Cors::listed(move |origin| {
        let app = Arc::clone(&app);
        async move {
            app.directory.is_client_origin(&origin).await.unwrap_or_else(|fault| {
                fault.log("the origins of clients could not be read");
                false
            })
        }
    })
}
