//! Every URL of the house bound to its handler, on one page.
//!
//! Never decides anything.
//! Spec: the paths are in `http::urls`.
//! Called by: `main`, `demo` and the tests.

use crate::{app::App, device_api, http::urls::Path};
use poem::{Endpoint, EndpointExt, Response, Route};
use std::sync::Arc;

/// The whole house, without its manners.
pub fn routes(app: Arc<App>) -> impl Endpoint<Output = Response> + 'static {
    let route = Route::new()
        // device_api
        .nest(Path::Device.as_str(), device_api::endpoint());
    route.data(app).map_to_response()
}
