//! What a relying party reads once: the discovery document (OpenID Connect Discovery §4, RFC 8414 §3) and the
//! key set (RFC 7517 §5). The document depends on the tenant alone, so it is built once for each and is the same for
//! every request.

use crate::{
    app::App,
    http::{
        representation::{Caching, Representation},
        urls::{Path, Urls},
    },
    limits::lifetimes::DISCOVERY_MAX_AGE_SECONDS,
    protocol::{MetadataInput, acr::Acr, metadata},
    web,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Returns the document of the tenant, which is served at both well-known addresses.
#[handler]
pub async fn discovery_endpoint(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let tenant = web::tenant(app, request).await?;
    Ok(tenant.metadata.get_or_init(|| document(&tenant.urls)).answer(request.headers()))
}

fn document(url: &Urls) -> Representation {
    let acr_values = Acr::ALL.map(Acr::as_str);
    let document = metadata(&MetadataInput {
        issuer: url.issuer(),
        authorization_endpoint: &url.at(Path::Authorize),
        token_endpoint: &url.at(Path::Token),
        userinfo_endpoint: &url.at(Path::Userinfo),
        jwks_uri: &url.at(Path::Jwks),
        introspection_endpoint: &url.at(Path::Introspect),
        revocation_endpoint: &url.at(Path::Revoke),
        end_session_endpoint: &url.at(Path::Signout),
        acr_values: &acr_values,
        ui_locales: &["en"],
        service_documentation: None,
    });
    Representation::new("application/json", document.to_string(), Caching::Seconds(DISCOVERY_MAX_AGE_SECONDS))
}

/// Returns the public keys, replaced ones included; the same bytes for every caller until a key changes.
#[handler]
pub async fn jwks_endpoint(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    Ok(web::tenant(app, request).await?.keys().await?.jwks.answer(request.headers()))
}
