//! The front page.

use crate::{
    app::App,
    http::html::html,
    storage::Fault,
    themes::{Frame, HomePage},
};
use poem::{Response, handler, web::Data};
use std::sync::Arc;

/// `GET /`: what this server is.
#[handler]
pub async fn home(Data(app): Data<&Arc<App>>) -> Result<Response, Fault> {
    let workspace = app.directory.workspace().await?;
    html(&HomePage {
        frame: Frame { workspace: workspace.display_name.clone(), base: String::new() },
        issuer: app.issuer().to_owned(),
        authenticator_url: app.addresses.authenticator_url.clone(),
    })
}
