//! Every URL of the house bound to its handler, on one page.
//!
//! Never decides anything.
//! Spec: the paths are in `http::urls`.
//! Called by: `main`, `demo` and the tests.

use crate::{
    app::App,
    device_api,
    http::{cors::Cors, methods::Methods, urls::Path},
    oidc,
    signin::{authorize, consent, enroll, identifier, password, push, signout, streams::Streams, totp},
};
use http::Method;
use poem::{Endpoint, EndpointExt, Response, Route};
use std::sync::Arc;

/// The whole house, without its manners.
pub fn routes(app: Arc<App>) -> impl Endpoint<Output = Response> + 'static {
    let discovery = oidc::discovery(&app);
    let relying_parties = oidc::relying_party_origins(&app);
    let streams = Arc::new(Streams::default());
    let route = Route::new()
        // device_api
        .nest(Path::Device.as_str(), device_api::endpoint())
        // oidc
        .at(Path::AuthorizationServerMetadata.as_str(), Methods::get(discovery.clone()).with(Cors::anyone()))
        .at(Path::Jwks.as_str(), Methods::get(oidc::jwks_endpoint).with(Cors::anyone()))
        .at(Path::OpenidConfiguration.as_str(), Methods::get(discovery).with(Cors::anyone()))
        .at(Path::Introspect.as_str(), Methods::post(oidc::introspection_endpoint))
        .at(Path::Revoke.as_str(), Methods::post(oidc::revocation_endpoint).with(relying_parties.clone()))
        .at(Path::Token.as_str(), Methods::post(oidc::token_endpoint).with(relying_parties.clone()))
        .at(
            Path::Userinfo.as_str(),
            Methods::get(oidc::userinfo_endpoint)
                .and(Method::POST, oidc::userinfo_endpoint)
                .with(relying_parties),
        )
        // signin: answers people
        .at(Path::Authorize.as_str(), Methods::get(authorize::get).and(Method::POST, authorize::post))
        .at(Path::Consent.as_str(), Methods::get(consent::get).and(Method::POST, consent::post))
        .at(
            Path::SigninEnroll.as_str(),
            Methods::get(enroll::page::get).and(Method::POST, enroll::confirm::post),
        )
        .at(Path::SigninEnrollEvents.as_str(), Methods::get(enroll::events::get.data(Arc::clone(&streams))))
        .at(Path::SigninEnrollStatus.as_str(), Methods::get(enroll::events::status))
        .at(
            Path::SigninIdentifier.as_str(),
            Methods::get(identifier::get).and(Method::POST, identifier::post),
        )
        .at(Path::SigninPassword.as_str(), Methods::get(password::get).and(Method::POST, password::post))
        .at(Path::SigninPush.as_str(), Methods::get(push::page::get).and(Method::POST, push::take::post))
        .at(Path::SigninPushEvents.as_str(), Methods::get(push::events::get.data(streams)))
        .at(Path::SigninPushSend.as_str(), Methods::post(push::send::post))
        .at(Path::SigninPushStatus.as_str(), Methods::get(push::events::status))
        .at(Path::SigninTotp.as_str(), Methods::get(totp::get).and(Method::POST, totp::post))
        .at(Path::Signout.as_str(), Methods::get(signout::get).and(Method::POST, signout::post));
    route.data(app).map_to_response()
}
