//! Handles `GET` and `POST /setup`.

use super::{client_form, draft::Draft, person_form, request::SetupRequest};
use crate::{
    app::{App, SetupToken},
    audit::Via,
    protocol::form_pairs,
    web::{Browser, Form},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// `GET /setup?token=…`: shows the first form. Does not use up the link.
#[handler]
pub async fn show(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let setup = SetupRequest { app, browser: Browser::of(app, request, Via::Signin).await? };
    let query = form_pairs(request.uri().query().unwrap_or_default()).unwrap_or_default();
    let token = query.into_iter().find(|(name, _)| name == "token").map(|(_, value)| SetupToken(value));
    match token {
        Some(token) if token.is_good(&app.storage, setup.browser.context.now).await? => {
            person_form::show(&setup, &token).await
        }
        _ => Err(setup.invalid_link()),
    }
}

/// `POST /setup`: accepts the first form or, with its sealed draft, the second.
#[handler]
pub async fn accept(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let setup = SetupRequest { app, browser: Browser::of(app, request, Via::Signin).await? };
    let form = Form::read(app, &setup.browser, request, &body)?;
    let draft = form.get("draft").and_then(|sealed| Draft::open(app, sealed));
    let token = match &draft {
        Some(draft) => draft.token(),
        None => SetupToken(form.get("token").unwrap_or_default().to_owned()),
    };
    if !token.is_good(&app.storage, setup.browser.context.now).await? {
        return Err(setup.invalid_link());
    }
    match draft {
        Some(draft) => client_form::accept(&setup, &draft, &form).await,
        None => person_form::accept(&setup, &token, &form).await,
    }
}
