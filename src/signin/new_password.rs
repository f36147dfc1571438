//! The step that replaces a password which must be changed.

use super::{navigation::PageVisit, step_page};
use crate::{
    app::App, http::urls::Path, journey::Step, limits::sizes::MAX_PASSWORD_CHARS, themes::NewPasswordPage,
    web::page,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = PageVisit::at(app, request, |step| *step == Step::ChangePassword).await?;
    show(app, &visit).await
}

/// Shows the form of this sign-in.
pub(super) async fn show(app: &App, visit: &PageVisit) -> Result<Response> {
    let (browser, sign_in, state) = (&visit.browser, &visit.sign_in, visit.sign_in.state());
    let reason = "It replaces the one that you have just used. You are then signed out everywhere else.";
    let (error, error_again) = match state.is_notice_about_repetition {
        true => (None, state.notice.clone()),
        false => (state.notice.clone(), None),
    };
    page::show(&NewPasswordPage {
        frame: page::frame(&browser.context),
        step: step_page::frame(app, browser, sign_in, Some(reason.to_owned())),
        action: Path::SigninNewPassword.as_str().to_owned(),
        username: sign_in.shown_username(app).await?,
        least: sign_in.least_password_chars(app).await?,
        most: MAX_PASSWORD_CHARS,
        error,
        error_again,
        is_first: false,
        may_cancel: true,
    })
}
