//! The first step: the username. A form that a password manager has filled in with the password as well is
//! accepted.

use super::{navigation::PageVisit, step_page};
use crate::{app::App, themes::IdentifierPage, web::page};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the username form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = PageVisit::load(app, request).await?;
    show(app, &visit)
}

/// Shows the username form of this sign-in, or leads to its current step.
pub(super) fn show(app: &App, visit: &PageVisit) -> Result<Response> {
    let (browser, sign_in) = (&visit.browser, &visit.sign_in);
    // Until something is proved, the person may still choose another account.
    if !sign_in.may_identify(browser.context.now) {
        return visit.leave(app);
    }
    page::show(&IdentifierPage {
        frame: page::frame(&browser.context),
        step: step_page::frame(app, browser, sign_in, None),
        username: sign_in.state().username.clone().unwrap_or_default(),
        error: sign_in.state().notice.clone(),
    })
}
