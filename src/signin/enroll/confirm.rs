//! Accepts the form of the enrollment page: a new beginning, the ticket, the confirmation code, or a cancellation.

use crate::{actions::sign_in::Input, app::App, signin::navigation::submit, web::Decision};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Accepts the form.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    submit(app, request, &body, |form| {
        match (form.decision(), form.get("ticket"), form.get("confirmation")) {
            (Some(Decision::Deny), ..) => Input::CancelEnrollment,
            (Some(Decision::Allow), ..) => Input::OfferEnrollment,
            (None, Some(typed), _) => Input::Ticket(typed),
            (None, None, Some(typed)) => Input::ConfirmEnrollment(typed),
            (None, None, None) => Input::Nothing,
        }
    })
    .await
}
