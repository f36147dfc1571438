//! The second set-up form: the application. Submitting it stores both the person and the client, or neither.

use super::{draft::Draft, request::SetupRequest};
use crate::{
    actions::{
        ActionError,
        clients::{NewClient, RESERVED_NAME},
        people::NewPerson,
        setup::{self, FirstPerson},
    },
    audit::Actor,
    directory::{Client, ClientSettings, is_reserved_name},
    protocol::{ClientProblem, client_problems},
    themes::{Handle, SetupDonePage, SetupField, SetupForm},
    web::{Form, page},
};
use poem::{Response, Result};

/// Shows the empty form, with the sealed `draft` of the first one.
pub(super) async fn show(setup: &SetupRequest<'_>, draft: &Draft) -> Result<Response> {
    let form = SetupForm::Client { client_name: String::new(), redirect_uri: String::new() };
    setup.form(handle(setup, draft), form, Vec::new()).await
}

/// Handles the filled form: shows it again with its errors, or stores everything and shows the last page.
pub(super) async fn accept(setup: &SetupRequest<'_>, draft: &Draft, filled: &Form) -> Result<Response> {
    let field = |name: &str| filled.get(name).map(str::trim).unwrap_or_default();
    let (client_name, redirect_uri) = (field("client_name"), field("redirect_uri"));
    let settings =
        ClientSettings { redirect_uris: vec![redirect_uri.to_owned()], ..ClientSettings::default() };
    let mut problems: Vec<SetupField> =
        client_problems(client_name, &settings, false).iter().map(field_of).collect();
    if is_reserved_name(client_name, &setup.browser.context.tenant.workspace.display_name) {
        problems.push(SetupField {
            name: "client_name",
            message: format!("Choose another name: {RESERVED_NAME}."),
        });
    }
    if !problems.is_empty() {
        let form =
            SetupForm::Client { client_name: client_name.to_owned(), redirect_uri: redirect_uri.to_owned() };
        return setup.form(handle(setup, draft), form, problems).await;
    }
    let secret = setup.app.entropy.secret();
    let new =
        NewClient { name: client_name.to_owned(), settings, pools: Vec::new(), secret: Some(secret.clone()) };
    let Some(client) = keep(setup, draft, new).await? else { return Err(setup.invalid_link()) };
    page::show(&SetupDonePage {
        frame: page::frame(&setup.browser.context),
        username: draft.username.clone(),
        client_name: client.name,
        issuer: setup.app.public_url.as_str().to_owned(),
        client_id: client.client_id,
        client_secret: secret,
        redirect_uri: redirect_uri.to_owned(),
    })
}

/// Stores both and uses up the link, in one transaction; `None` when the link was used before, or the
/// username is taken.
async fn keep(
    request: &SetupRequest<'_>,
    draft: &Draft,
    new: NewClient,
) -> Result<Option<Client>, ActionError> {
    let app = request.app;
    // The link was printed on the host, so its holder acts for the operator.
    let context = request.browser.context.by(Actor::Host);
    let pool = setup::first_pool(app, &context.tenant).await?;
    let typed = NewPerson { username: &draft.username, name: &draft.name, email: &draft.email, password: "" };
    let (username, password_hash) = (draft.username.as_str(), draft.password_hash.clone());
    let person = FirstPerson { username, password_hash, claims: typed.claims() };
    match setup::complete(app, &context, (&draft.token(), &pool), person, new).await {
        Ok(client) => Ok(Some(client)),
        Err(ActionError::Conflict(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Words a problem for the person who filled in the form.
fn field_of(problem: &ClientProblem) -> SetupField {
    match problem {
        ClientProblem::NameMissing => {
            SetupField { name: "client_name", message: "A name for the application is expected.".to_owned() }
        }
        ClientProblem::Name(problem) => SetupField { name: "client_name", message: problem.to_string() },
        ClientProblem::RedirectUri(uri, problem) | ClientProblem::PostLogoutRedirectUri(uri, problem) => {
            let message = format!("“{uri}” cannot be registered: {problem}.");
            SetupField { name: "redirect_uri", message }
        }
        ClientProblem::RequiredAcr(_) | ClientProblem::TokenLifetime(..) => {
            SetupField { name: "client_name", message: problem.to_string() }
        }
    }
}

fn handle(setup: &SetupRequest<'_>, draft: &Draft) -> Handle {
    Handle::new("draft", draft.seal(setup.app))
}
