//! An invitation: a link by which a person sets their first password. The link shows a button and takes nothing; the
//! button redeems it once, and the form for the password carries what was redeemed, sealed for this browser.

use crate::{
    actions::{
        ActionError, Conflict,
        invitations::{self, PasswordRefusal},
    },
    app::App,
    audit::Via,
    clock::Timestamp,
    directory::Person,
    http::urls::Path,
    limits::{lifetimes::JOURNEY_LIFETIME_SECONDS, sizes::MAX_PASSWORD_CHARS},
    protocol::form_pairs,
    themes::{Handle, InvitationPage, NewPasswordPage, StepFrame},
    web::{Browser, Form, Refusal, page},
};
use ::entity::ids::{PersonId, TicketId};
use http::StatusCode;
use poem::{Error, Request, Response, Result, handler, web::Data};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The purpose of the seal of a redeemed invitation.
const PURPOSE: &str = "invitation";
/// The hidden field with the token of the link.
const TOKEN: &str = "token";
/// The hidden field with the redeemed invitation.
const REDEEMED: &str = "invitation";

/// A redeemed invitation, for the browser that redeemed it.
#[derive(Serialize, Deserialize)]
struct Redeemed {
    invitation: TicketId,
    person: PersonId,
    browser: Option<Vec<u8>>,
    until: Timestamp,
}

/// Shows the button. Takes nothing.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = form_pairs(request.uri().query().unwrap_or_default()).unwrap_or_default();
    let token = query.into_iter().find(|(name, _)| name == TOKEN).map(|(_, value)| value).unwrap_or_default();
    let (tenant, now) = (&browser.context.tenant, browser.context.now);
    let Some(person) = invitations::find(app, tenant, &token, now).await? else {
        return Err(unusable(&browser));
    };
    let known = browser.known_browser(app);
    let page = InvitationPage {
        frame: page::frame(&browser.context),
        username: person.username,
        csrf: known.form_token(app),
        handle: Handle::new(TOKEN, token),
    };
    Ok(page::with_cookie(page::show(&page)?, known.set_cookie))
}

/// Redeems the invitation, or sets the password of one that this browser has redeemed.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    if let Some(sealed) = form.get(REDEEMED) {
        return set_password(app, &browser, sealed, &form).await;
    }
    let token = form.get(TOKEN).unwrap_or_default();
    match invitations::redeem(app, &browser.context, token).await {
        Ok((invitation, person)) => {
            let sealed = seal(app, &browser, invitation, &person);
            show_form(app, &browser, &person, sealed, None).await
        }
        Err(ActionError::NotFound) => Err(unusable(&browser)),
        Err(error) => Err(error.into()),
    }
}

async fn set_password(app: &App, browser: &Browser, sealed: &str, form: &Form) -> Result<Response> {
    let Some((invitation, id)) = open(app, browser, sealed) else { return Err(unusable(browser)) };
    let Some(person) = invitations::find_person(app, &browser.context.tenant, id).await? else {
        return Err(unusable(browser));
    };
    let field = |name| form.get(name).unwrap_or_default();
    let typed = (field("new_password"), field("new_password_again"));
    match invitations::set_password(app, &browser.context, (invitation, &person), typed).await {
        Ok(Ok(())) => page::see_other(&browser.context.tenant.urls.local(Path::Signin)),
        Ok(Err(refusal)) => show_form(app, browser, &person, sealed.to_owned(), Some(refusal)).await,
        Err(ActionError::Conflict(Conflict::HasPassword)) => Err(unusable(browser)),
        Err(error) => Err(error.into()),
    }
}

async fn show_form(
    app: &App,
    browser: &Browser,
    person: &Person,
    sealed: String,
    refusal: Option<PasswordRefusal>,
) -> Result<Response> {
    let workspace = &browser.context.tenant.workspace.display_name;
    let (error, error_again) = match refusal {
        Some(refusal) if refusal.is_about_repetition => (None, Some(refusal.sentence)),
        other => (other.map(|refusal| refusal.sentence), None),
    };
    page::show(&NewPasswordPage {
        frame: page::frame(&browser.context),
        step: StepFrame {
            application: workspace.clone(),
            csrf: browser.form_token(app),
            handle: Handle::new(REDEEMED, sealed),
            reason: Some(format!("It is your first password at {workspace}.")),
        },
        action: Path::SigninInvitation.as_str().to_owned(),
        username: person.username.clone(),
        least: invitations::least_password_chars(app, person).await?,
        most: MAX_PASSWORD_CHARS,
        error,
        error_again,
        is_first: true,
        may_cancel: false,
    })
}

fn seal(app: &App, browser: &Browser, invitation: TicketId, person: &Person) -> String {
    let until = browser.context.now.plus_seconds(JOURNEY_LIFETIME_SECONDS);
    let redeemed = Redeemed { invitation, person: person.id, browser: browser.hash(), until };
    let plain = serde_json::to_vec(&redeemed).unwrap_or_default();
    app.sealing.requests().seal_text(&browser.context.tenant.seal_purpose(PURPOSE), &plain)
}

/// Opens what this browser has redeemed, in time.
fn open(app: &App, browser: &Browser, sealed: &str) -> Option<(TicketId, PersonId)> {
    let purpose = browser.context.tenant.seal_purpose(PURPOSE);
    let plain = app.sealing.requests().open_text(&purpose, sealed)?;
    let redeemed: Redeemed = serde_json::from_slice(&plain).ok()?;
    let is_own = redeemed.browser.is_some() && redeemed.browser == browser.hash();
    (is_own && browser.context.now < redeemed.until).then_some((redeemed.invitation, redeemed.person))
}

/// The page for a link that is unknown, used or too old.
fn unusable(browser: &Browser) -> Error {
    let refusal = Refusal {
        status: StatusCode::GONE,
        application: None,
        heading: "This invitation does not work",
        message: "It was used, or it is older than three days.".to_owned(),
        facts: Vec::new(),
        advice: "If you have set a password already, sign in with it. Otherwise ask your help desk for a new \
                 invitation.",
        retry_url: None,
    };
    refusal.into_error(&browser.context)
}
