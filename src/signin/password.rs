//! The password step.

use super::{
    factor_page::choices,
    navigation::{PageVisit, address},
    step_page::{self, seconds_until, why},
};
use crate::{
    actions::sign_in::StepPage, app::App, directory::FactorKind::Password, themes::PasswordPage, web::page,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the password form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = PageVisit::at(app, request, |step| step.asks_for(Password)).await?;
    show(app, &visit).await
}

/// Shows the password form of this sign-in.
pub(super) async fn show(app: &App, visit: &PageVisit) -> Result<Response> {
    let (browser, sign_in, now) = (&visit.browser, &visit.sign_in, visit.browser.context.now);
    let reason = why(visit.step.reasons(), sign_in.application());
    let may_change = sign_in.may_identify(now);
    page::show(&PasswordPage {
        frame: page::frame(&browser.context),
        step: step_page::frame(app, browser, sign_in, reason),
        username: sign_in.shown_username(app).await?,
        error: sign_in.state().notice.clone(),
        retry_after_seconds: seconds_until(sign_in.state().blocked_until, now),
        may_change_account: may_change,
        change_account_url: (may_change && !sign_in.is_too_long_for_an_address())
            .then(|| address(sign_in, StepPage::Identifier)),
        choices: choices(&visit.step, Password),
    })
}
