//! Whether the process lives, and whether it can serve.

use crate::{app::App, storage::Fault};
use poem::{handler, web::Data};
use std::sync::Arc;

/// `GET /livez`: it answers, so it lives. A database that is away is no reason to restart.
#[handler]
pub fn livez() -> &'static str {
    "alive\n"
}

/// `GET /readyz` and `/healthz`: the database takes a write; 503 while it does not. Many askers cost one write.
#[handler]
pub async fn readyz(Data(app): Data<&Arc<App>>) -> Result<&'static str, Fault> {
    app.readiness.prove(&app.storage, &app.clock).await?;
    Ok("ready\n")
}
