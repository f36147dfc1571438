//! What discovery says (OpenID Connect Discovery §4, RFC 8414 §3): it follows from the issuer alone, so it is written
//! once and a request changes nothing of it.

use crate::{
    app::App,
    http::{
        representation::{Caching, Representation},
        urls::{Path, PublicUrl},
    },
    protocol::{MetadataInput, acr::Acr, metadata},
};

/// How long the document may be kept.
const DISCOVERY_MAX_AGE_SECONDS: u32 = 300;

/// The document, at both of its addresses.
pub fn discovery(app: &App) -> Representation {
    let url = PublicUrl::new(app.issuer());
    let acr_values = Acr::ALL.map(Acr::as_str);
    let document = metadata(&MetadataInput {
        issuer: app.issuer(),
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
