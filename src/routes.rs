//! Every URL of the server bound to its handler.
//!
//! Never decides anything.
//! Spec: the paths are in `http::urls`.
//! Called by: `operator`, `demo` and the tests.

use crate::{
    app::App,
    config::Config,
    device_api,
    http::{
        body_limit::BodyLimit,
        canonical_host::CanonicalHost,
        cors::Cors,
        methods::Methods,
        middleware::{Pipeline, PipelineConfig},
        security_headers::SecurityHeaders,
        source::Forwarding,
        time_limit::TimeLimit,
        urls::Path,
    },
    limits::concurrency::{BrowserStreams, MAX_STREAMS_PER_BROWSER, MAX_STREAMS_PER_PROCESS},
    oidc,
    signin::{
        account, authorize, consent, enroll,
        events::{self, WatchedKind},
        forms, identifier, invitation, new_password, password, push, signout, totp,
    },
    site,
    web::{self, TenantRoutes},
};
use http::Method;
use poem::{Endpoint, EndpointExt, Response, Route};
use std::sync::Arc;

/// Builds the complete application: routes, canonical host and middleware.
pub fn application(app: Arc<App>, config: &Config) -> impl Endpoint<Output = Response> + 'static {
    let pipeline = Pipeline::new(PipelineConfig {
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
        forwarding: Forwarding::new(
            config.trusted_proxies.clone(),
            config.client_ip_header,
            config.is_https(),
        ),
        security_headers: SecurityHeaders { is_https: config.is_https() },
        body_limit: BodyLimit::default(),
        time_limit: TimeLimit::default(),
        error_body: Arc::new(web::ErrorPages(Arc::clone(&app))),
    });
    let canonical_host = CanonicalHost::new(app.public_url.clone());
    routes(app).with(canonical_host).with(pipeline)
}

/// Builds the routes without the middleware.
pub fn routes(app: Arc<App>) -> impl Endpoint<Output = Response> + 'static {
    let streams = BrowserStreams::new(MAX_STREAMS_PER_PROCESS, MAX_STREAMS_PER_BROWSER);
    let tenant_routes = TenantRoutes {
        root: of_tenant(of_installation(), &app, &streams).map_to_response(),
        workspaces: of_tenant(Route::new(), &app, &streams).map_to_response(),
        app: Arc::clone(&app),
    };
    tenant_routes.data(app).map_to_response()
}

/// Builds the routes that exist once, at the root.
fn of_installation() -> Route {
    Route::new()
        // site
        .at("/assets/:name", Methods::get(site::asset))
        .at("/authenticator", Methods::get(site::to_authenticator))
        .at("/authenticator/*", Methods::get(site::AuthenticatorFiles::default()))
        .at(Path::Healthz.as_str(), Methods::get(site::readyz))
        .at(Path::Livez.as_str(), Methods::get(site::livez))
        .at(Path::Readyz.as_str(), Methods::get(site::readyz))
        .at(Path::Setup.as_str(), Methods::get(site::setup::show).and(Method::POST, site::setup::accept))
}

/// Adds the routes that every tenant has below its issuer.
fn of_tenant(route: Route, app: &Arc<App>, streams: &Arc<BrowserStreams>) -> Route {
    // for phones
    for_people(for_clients(route, app), streams).nest(Path::Device.as_str(), device_api::endpoint())
}

fn for_clients(route: Route, app: &Arc<App>) -> Route {
    let relying_parties = oidc::relying_party_origins(app);
    route
        .at(
            Path::AuthorizationServerMetadata.as_str(),
            Methods::get(oidc::discovery_endpoint).with(Cors::anyone()),
        )
        .at(Path::Jwks.as_str(), Methods::get(oidc::jwks_endpoint).with(Cors::anyone()))
        .at(Path::OpenidConfiguration.as_str(), Methods::get(oidc::discovery_endpoint).with(Cors::anyone()))
        .at(Path::Introspect.as_str(), Methods::post(oidc::introspection_endpoint))
        .at(Path::Revoke.as_str(), Methods::post(oidc::revocation_endpoint).with(relying_parties.clone()))
        .at(Path::Token.as_str(), Methods::post(oidc::token_endpoint).with(relying_parties.clone()))
        .at(
            Path::Userinfo.as_str(),
            Methods::get(oidc::userinfo_endpoint)
                .and(Method::POST, oidc::userinfo_endpoint)
                .with(relying_parties),
        )
}

fn for_people(route: Route, streams: &Arc<BrowserStreams>) -> Route {
    let events = |kind: WatchedKind| Methods::get(events::stream.data(kind).data(Arc::clone(streams)));
    let status = |kind: WatchedKind| Methods::get(events::status.data(kind).data(Arc::clone(streams)));
    route
        .at(Path::Home.as_str(), Methods::get(site::home::get))
        .at(Path::Authorize.as_str(), Methods::get(authorize::get).and(Method::POST, authorize::post))
        .at(Path::Consent.as_str(), Methods::get(consent::get).and(Method::POST, forms::consent))
        .at(Path::Signin.as_str(), Methods::get(account::get).and(Method::POST, account::post))
        .at(
            Path::SigninEnroll.as_str(),
            Methods::get(enroll::page::get).and(Method::POST, enroll::confirm::post),
        )
        .at(Path::SigninEnrollEvents.as_str(), events(WatchedKind::Enrollment))
        .at(Path::SigninEnrollStatus.as_str(), status(WatchedKind::Enrollment))
        .at(
            Path::SigninIdentifier.as_str(),
            Methods::get(identifier::get).and(Method::POST, forms::identifier),
        )
        .at(
            Path::SigninInvitation.as_str(),
            Methods::get(invitation::get).and(Method::POST, invitation::post),
        )
        .at(
            Path::SigninNewPassword.as_str(),
            Methods::get(new_password::get).and(Method::POST, forms::new_password),
        )
        .at(Path::SigninPassword.as_str(), Methods::get(password::get).and(Method::POST, forms::password))
        .at(Path::SigninPush.as_str(), Methods::get(push::page::get).and(Method::POST, push::forms::take))
        .at(Path::SigninPushEvents.as_str(), events(WatchedKind::Challenge))
        .at(Path::SigninPushSend.as_str(), Methods::post(push::forms::send))
        .at(Path::SigninPushStatus.as_str(), status(WatchedKind::Challenge))
        .at(Path::SigninTotp.as_str(), Methods::get(totp::get).and(Method::POST, forms::totp))
        .at(Path::Signout.as_str(), Methods::get(signout::get).and(Method::POST, signout::post))
}
