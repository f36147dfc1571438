//! Accepts the forms of the steps that have no folder: the name, the password, a new password, a
//! one-time code, and consent.

use super::arrival::submit;
use crate::{actions::sign_in::Input, app::App, web::Decision};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Accepts a username, and a password if the form has one.
#[handler]
pub async fn identifier(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(Decision::Deny) => Input::Cancel,
        _ => Input::Identify {
            username: form.get("username").unwrap_or_default(),
            password: form.get("password"),
        },
    })
    .await
}

/// Checks a password.
#[handler]
pub async fn password(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(Decision::Deny) => Input::Cancel,
        _ => Input::Password(form.get("password").unwrap_or_default()),
    })
    .await
}

/// Replaces a password that must be changed.
#[handler]
pub async fn new_password(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(Decision::Deny) => Input::Cancel,
        _ => Input::NewPassword {
            password: form.get("new_password").unwrap_or_default(),
            again: form.get("new_password_again").unwrap_or_default(),
        },
    })
    .await
}

/// Checks a code.
#[handler]
pub async fn totp(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(Decision::Deny) => Input::Cancel,
        _ => Input::Code(form.get("code").unwrap_or_default()),
    })
    .await
}

/// Accepts the decision. An approval is remembered when the sign-in succeeds.
#[handler]
pub async fn consent(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(decision) => Input::Consent(decision == Decision::Allow),
        None => Input::Nothing,
    })
    .await
}
