//! Begins the sign-ins of a person for their own account at this server.

use super::arrival::begin;
use crate::{
    actions::sign_in::{AccountPath, PendingAction, Purpose},
    app::App,
    audit::Via,
    http::urls::Path,
    web::{Browser, Form, page},
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

/// Begins the sign-in that confirms an action on the account of the browser's person, who pressed its button on
/// the front page.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let session = browser.session(app).await?;
    match (form.get("confirm"), session) {
        (Some("add_device"), Some(session)) => {
            let action = PendingAction::AddDevice { person: session.person_id };
            begin(app, &browser, Purpose::Confirm(action)).await
        }
        _ => page::see_other(&browser.context.tenant.urls.local(Path::Home)),
    }
}
