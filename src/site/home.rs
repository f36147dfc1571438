//! The front page: what this server is, or the account of the signed-in person.

use crate::{
    actions::account::{self, DeviceEvent, DeviceHistory},
    app::App,
    audit::Via,
    clock::Timestamp,
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
            issuer: browser.context.tenant.issuer().to_owned(),
            authenticator_url: app.addresses.authenticator_url.clone(),
        });
    };
    let now = browser.context.now;
    let account = account::get(app, &browser.context.tenant, session.person_id, now).await?;
    let changes = account.changes.iter().map(|change| sentence(change, now)).collect();
    page::show(&AccountPage {
        frame,
        name: account.person.claims.name,
        username: account.person.username,
        devices: account.devices,
        changes,
        add_phone: account.may_add_phone.then(|| browser.form_token(app)),
    })
}

/// Returns for example "Pixel 9 was added 3 days ago."
fn sentence(change: &DeviceHistory, now: Timestamp) -> String {
    let what = match change.event {
        DeviceEvent::Added => "was added",
        DeviceEvent::KeyReplaced => "got a new key",
        DeviceEvent::Removed => "was removed",
    };
    let when = match now.seconds_since(change.at) / 3600 {
        ..=0 => "less than an hour ago".to_owned(),
        1 => "an hour ago".to_owned(),
        hours @ 2..48 => format!("{hours} hours ago"),
        hours => format!("{} days ago", hours / 24),
    };
    format!("{} {what} {when}.", change.name)
}
