//! Accepts the forms of the push step.

use crate::{actions::sign_in::Input, app::App, signin::arrival::submit, web::Decision};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Handles "Send the request" and "Send again".
#[handler]
pub async fn send(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(Decision::Deny) => Input::CancelPush,
        _ => Input::SendChallenge,
    })
    .await
}

/// Handles "Continue", pressed by the person or sent by the page's script, and "Cancel".
#[handler]
pub async fn take(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| match form.decision() {
        Some(Decision::Deny) => Input::LeavePush,
        _ => Input::TakeApproval,
    })
    .await
}
