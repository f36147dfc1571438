//! The front page: what this server is, or the account of the signed-in person.

use crate::{
    actions::account,
    app::App,
    audit::Via,
    themes::{AccountPage, HomePage},
    web::{Browser, page},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// `GET /`.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let frame = page::frame(&browser.context);
    let Some(session) = browser.session(app).await? else {
        return page::show(&HomePage {
            frame,
            issuer: app.issuer().to_owned(),
            authenticator_url: app.addresses.authenticator_url.clone(),
        });
    };
    let account = account::get(app, &browser.context.tenant, session.person_id).await?;
    page::show(&AccountPage {
        frame,
        name: account.person.claims.name,
        username: account.person.username,
        devices: account.devices,
        add_phone: account.may_add_phone.then(|| browser.form_token(app)),
    })
}
