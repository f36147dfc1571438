//! The key set (RFC 7517 §5).

use crate::app::App;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Returns the public keys, retired ones included; the same bytes for every caller until a key changes.
#[handler]
pub async fn jwks_endpoint(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    Ok(app.directory.keys().await?.jwks.answer(request.headers()))
}
