//! Health checks: whether the process is alive, and whether it can serve requests.

use crate::{app::App, fault::Fault};
use poem::{handler, web::Data};
use std::sync::Arc;

/// `GET /livez`: always 200. It does not check the database, because an unreachable database is no reason to
/// restart the process.
#[handler]
pub fn livez() -> &'static str {
    "alive\n"
}

/// `GET /readyz` and `/healthz`: 200 when the database accepts a write, otherwise 503. The result is reused
/// for a few seconds, so that many requests cost one write.
#[handler]
pub async fn readyz(Data(app): Data<&Arc<App>>) -> Result<&'static str, Fault> {
    app.readiness.prove(&app.storage, &app.clock).await?;
    Ok("ready\n")
}
