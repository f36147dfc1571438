//! The first step: the username. A form that a password manager has filled in with the password as well is
//! accepted.

use super::{
    navigation::{PageVisit, submit},
    step_page,
};
use crate::{
    actions::sign_in::Input,
    app::App,
    themes::IdentifierPage,
    web::{Decision, page},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the username form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = PageVisit::load(app, request).await?;
    let (browser, sign_in) = (&visit.browser, &visit.sign_in);
    // Until something is proved, the person may still choose another account.
    if !sign_in.journey().may_identify(browser.context.now) {
        return visit.leave(app);
    }
    page::show(&IdentifierPage {
        frame: page::frame(&browser.context),
        step: step_page::frame(app, browser, sign_in, None),
        username: sign_in.state().username.clone().unwrap_or_default(),
        error: sign_in.state().notice.clone(),
    })
}

/// Accepts a username, and a password if the form has one.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(Decision::Deny) => Input::Cancel,
        _ => Input::Identify {
            username: form.get("username").unwrap_or_default(),
            password: form.get("password"),
        },
    })
    .await
}
