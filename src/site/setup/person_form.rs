//! The first set-up form: the person.

use super::{client_form, draft::Draft, request::SetupRequest};
use crate::{
    actions::{people::NewPerson, setup::first_pool},
    app::SetupToken,
    fault::Fault,
    themes::{Handle, SetupField, SetupForm},
    web::Form,
};
use poem::{Response, Result};

/// Shows the empty form, with the link's `token`.
pub(super) async fn show(setup: &SetupRequest<'_>, token: &SetupToken) -> Result<Response> {
    let form = SetupForm::Person { username: String::new(), name: String::new(), email: String::new() };
    setup.form(handle(token), form, Vec::new()).await
}

/// Handles the filled form: shows it again with its errors, or shows the client form.
pub(super) async fn accept(setup: &SetupRequest<'_>, token: &SetupToken, filled: &Form) -> Result<Response> {
    let field = |name: &str| filled.get(name).map(str::trim).unwrap_or_default();
    let password = filled.get("password").unwrap_or_default();
    let new = NewPerson { username: field("username"), name: field("name"), email: field("email"), password };
    let problems = problems(setup, &new).await?;
    if !problems.is_empty() {
        let form = SetupForm::Person {
            username: new.username.to_owned(),
            name: new.name.to_owned(),
            email: new.email.to_owned(),
        };
        return setup.form(handle(token), form, problems).await;
    }
    let draft = Draft {
        token: token.0.clone(),
        username: new.username.to_owned(),
        name: new.name.to_owned(),
        email: new.email.to_owned(),
        password_hash: setup.app.hash_password(password.to_owned()).await?,
    };
    client_form::show(setup, &draft).await
}

async fn problems(setup: &SetupRequest<'_>, new: &NewPerson<'_>) -> Result<Vec<SetupField>, Fault> {
    let tenant = &setup.browser.context.tenant;
    let pool = first_pool(setup.app, tenant).await?;
    let problems = new.problems(&pool, &tenant.workspace.display_name).into_iter();
    Ok(problems.map(|problem| SetupField { name: problem.field, message: problem.sentence }).collect())
}

fn handle(token: &SetupToken) -> Handle {
    Handle::new("token", token.0.clone())
}
