//! The TOTP step: a time-based code from an enrolled phone or from a separate code generator (RFC 6238).

use super::{
    factor_page::choices,
    navigation::PageVisit,
    step_page::{self, overtaken_notice, seconds_until, why},
};
use crate::{app::App, directory::FactorKind::Totp, themes::TotpPage, web::page};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// The notice for a person who has got a code app elsewhere.
const OVERTAKEN: &str =
    "A code app was added to this account, so no phone was added here. Sign in with a code from that app.";

/// Shows the code form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = PageVisit::at(app, request, |step| step.asks_for(Totp)).await?;
    show(app, &visit).await
}

/// Shows the code form of this sign-in.
pub(super) async fn show(app: &App, visit: &PageVisit) -> Result<Response> {
    let (browser, sign_in, state) = (&visit.browser, &visit.sign_in, visit.sign_in.state());
    let reason = why(visit.step.reasons(), sign_in.application());
    page::show(&TotpPage {
        frame: page::frame(&browser.context),
        step: step_page::frame(app, browser, sign_in, reason),
        username: sign_in.shown_username(app).await?,
        error: state.notice.clone().or_else(|| overtaken_notice(&visit.query, OVERTAKEN)),
        retry_after_seconds: seconds_until(state.blocked_until, browser.context.now),
        choices: choices(&visit.step, Totp),
    })
}
