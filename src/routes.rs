//! Every URL of the house bound to its handler, on one page.
//!
//! Never decides anything.
//! Spec: the paths are in `http::urls`.
//! Called by: `operator`, `demo` and the tests.

use crate::{
    app::App,
    config::Config,
    http::{
        body_limit::BodyLimit,
        manners::{Manners, Rules},
        methods::Methods,
        one_name::OneName,
        security_headers::SecurityHeaders,
        source::TrustedProxies,
        urls::Path,
    },
    signin, site,
};
use http::Method;
use poem::{Endpoint, EndpointExt, Response, Route};
use std::sync::Arc;

/// The whole house, with its manners.
pub fn house(app: Arc<App>, config: &Config) -> impl Endpoint<Output = Response> + 'static {
    let manners = Manners::new(Rules {
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
        trusted_proxies: TrustedProxies(config.trusted_proxies.clone()),
        security_headers: SecurityHeaders { is_https: config.is_https() },
        body_limit: BodyLimit::default(),
        error_body: Arc::new(site::ErrorPages(Arc::clone(&app))),
    });
    let one_name = OneName::new(app.public_url.clone());
    routes(app).with(one_name).with(manners)
}

/// The whole house, without its manners.
pub fn routes(app: Arc<App>) -> impl Endpoint<Output = Response> + 'static {
    let route = Route::new()
        // site
        .at(Path::Home.as_str(), Methods::get(site::home))
        .at("/assets/:name", Methods::get(site::asset))
        .at("/authenticator", Methods::get(site::to_authenticator))
        .at("/authenticator/*", Methods::get(site::AuthenticatorFiles::default()))
        .at(Path::Healthz.as_str(), Methods::get(site::readyz))
        .at(Path::Livez.as_str(), Methods::get(site::livez))
        .at(Path::Readyz.as_str(), Methods::get(site::readyz))
        // signin
        .at(Path::Setup.as_str(), Methods::get(signin::setup::show).and(Method::POST, signin::setup::accept));
    route.data(app).map_to_response()
}
