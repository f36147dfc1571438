//! The front page: what this server is, or the account of the signed-in person.

use crate::{
    actions::enrollment,
    app::App,
    audit::Via,
    storage::{authenticators, people},
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
    let person = people::get(&app.storage, session.person_id).await?;
    let devices = authenticators::list_active(&app.storage, person.id).await?;
    // The first phone is added by a sign-in that asks for one.
    let may_add = !devices.is_empty() && enrollment::has_room(app, &app.storage, &person).await?;
    page::show(&AccountPage {
        frame,
        name: person.claims.name,
        username: person.username,
        devices: devices.into_iter().map(|device| device.name).collect(),
        add_phone: may_add.then(|| browser.form_token(app)),
    })
}
