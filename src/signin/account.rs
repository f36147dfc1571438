//! Begins the sign-in of a person to their own account at this server.

use super::navigation::begin;
use crate::{
    actions::sign_in::{AccountPath, Purpose},
    app::App,
    audit::Via,
    web::{Browser, page},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Begins a sign-in to the front page. Writes nothing if the browser has no session.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    if let Some(answer) = page::without_effect(request) {
        return Ok(answer);
    }
    let browser = Browser::of(app, request, Via::Signin).await?;
    begin(app, &browser, Purpose::Account { return_to: AccountPath::Home }).await
}
