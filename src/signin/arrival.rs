//! Where the browser arrives: begins a sign-in or submits one of its forms, and leads to the page that comes next.
//!
//! The pages themselves load and show; they import `navigation` and never this file.

use super::{
    consent, enroll, error_page, identifier,
    navigation::{PageVisit, Query, lead},
    new_password, password, push, totp,
};
use crate::{
    actions::sign_in::{self, GivenHandle, Input, LoadedSignIn, Next, Purpose, StepPage, Visit},
    app::App,
    audit::Via,
    directory::FactorKind,
    factors::registry,
    web::{Browser, Form, page},
};
use poem::{Request, Response, Result};

/// Begins a sign-in, and leads the browser to its first step, or out of it.
pub(super) async fn begin(app: &App, browser: &Browser, purpose: Purpose) -> Result<Response> {
    let known = browser.known_browser(app);
    let cookies = known.cookies(browser);
    let visit = Visit { app, context: &browser.context, cookies: &cookies };
    let next = sign_in::begin(visit, purpose).await;
    let next = next.map_err(|error| error_page::show(&browser.context, error))?;
    let browser = &browser.as_known(&known);
    let set_cookie = known.set_cookie.filter(|_| !matches!(next, Next::Done(_)));
    Ok(page::with_cookie(go(app, browser, next).await?, set_cookie))
}

/// Submits a form of a sign-in: reads it, runs the use case, and leads the browser on. `parse` says what the
/// form means.
pub(super) async fn submit(
    app: &App,
    request: &Request,
    body: &[u8],
    parse: impl FnOnce(&Form) -> Input<'_>,
) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, body)?;
    let handle = GivenHandle { r: form.get("r"), j: form.get("j") };
    // A page whose sign-in no address can carry has such buttons in place of links.
    let input = match form.get("show") {
        Some("identifier") => Input::Show(StepPage::Identifier),
        Some(segment) => {
            registry::named(segment).map_or_else(|| parse(&form), |kind| Input::Show(StepPage::Factor(kind)))
        }
        None => parse(&form),
    };
    match sign_in::submit(browser.visit(app), handle, input).await {
        Ok(next) => go(app, &browser, next).await,
        Err(error) => Err(error_page::show(&browser.context, error)),
    }
}

/// Leads the browser to what comes next: by a redirect, so that Reload and Back repeat no form. A page whose request no
/// address can carry is the response itself; its form stores the sign-in, and from then on an address names it.
async fn go(app: &App, browser: &Browser, next: Next) -> Result<Response> {
    match next {
        Next::Show(sign_in, at) if sign_in.is_too_long_for_an_address() => {
            show_here(app, browser, *sign_in, at).await
        }
        next => lead(browser, next),
    }
}

async fn show_here(app: &App, browser: &Browser, sign_in: LoadedSignIn, at: StepPage) -> Result<Response> {
    let step = sign_in.step(browser.context.now);
    let visit = PageVisit { browser: browser.clone(), query: Query::default(), sign_in, step };
    match at {
        StepPage::Identifier => identifier::show(app, &visit),
        StepPage::Factor(kind) => show_factor(app, &visit, kind).await,
        StepPage::NewPassword => new_password::show(app, &visit).await,
        StepPage::Enroll => enroll::page::show(app, &visit).await,
        StepPage::Consent => consent::show(app, &visit).await,
    }
}

async fn show_factor(app: &App, visit: &PageVisit, kind: FactorKind) -> Result<Response> {
    match kind {
        FactorKind::Password => password::show(app, visit).await,
        FactorKind::Push => push::page::show(app, visit).await,
        FactorKind::Totp => totp::show(app, visit).await,
    }
}
