//! The pages that explain why a sign-in cannot go on.

use super::client_response;
use crate::{
    actions::{ActionError, sign_in::SignInError},
    app::RequestContext,
    limits::lifetimes::JOURNEY_LIFETIME_SECONDS,
    web::{self, Refusal},
};
use http::StatusCode;
use poem::Error;

/// Returns the response for `error`.
pub(super) fn show(context: &RequestContext, error: SignInError) -> Error {
    match error {
        SignInError::Foreign => foreign().into_error(context),
        SignInError::Unreadable => unreadable().into_error(context),
        SignInError::Finished { application } => finished(&application).into_error(context),
        SignInError::Expired { application, restart_url } => {
            expired(&application, restart_url).into_error(context)
        }
        SignInError::SessionEnded { application, restart_url } => {
            session_ended(&application, restart_url).into_error(context)
        }
        SignInError::ClientDisabled => client_disabled().into_error(context),
        SignInError::AddressGone => address_gone().into_error(context),
        SignInError::Rejected { completion } => match client_response::leave(context, &completion.exit) {
            Ok(response) => Error::from_response(response),
            Err(error) => error,
        },
        SignInError::Action(ActionError::Limited { retry_after_seconds }) => {
            web::too_many_requests(context, retry_after_seconds)
        }
        SignInError::Action(ActionError::Overloaded) => web::overloaded(context),
        SignInError::Action(error) => error.into(),
    }
}

fn foreign() -> Refusal<'static> {
    Refusal::bad_request(
        "This sign-in was not begun in this browser",
        "The address of this page belongs to another browser, or this one keeps no cookies.",
        "Go back to the application and sign in from there. Never continue a sign-in that somebody sent you.",
    )
}

/// The page for a sign-in that a newer version of the server has stored.
fn unreadable() -> Refusal<'static> {
    Refusal {
        status: StatusCode::GONE,
        ..Refusal::bad_request(
            "This sign-in cannot be continued",
            "The server is being updated, and part of it is not ready for this sign-in.",
            "Go back to the application and sign in from there.",
        )
    }
}

fn finished(application: &str) -> Refusal<'_> {
    Refusal {
        application: Some(application),
        status: StatusCode::GONE,
        ..Refusal::bad_request(
            "This sign-in is finished",
            format!("It has been completed or stopped already, and {application} has its answer."),
            "Go back to the application. If you are not signed in there, sign in again.",
        )
    }
}

fn expired(application: &str, restart_url: Option<String>) -> Refusal<'_> {
    Refusal {
        application: Some(application),
        status: StatusCode::GONE,
        retry_url: restart_url.clone(),
        ..Refusal::bad_request(
            "This sign-in has ended",
            format!("It was not finished within {} minutes.", JOURNEY_LIFETIME_SECONDS / 60),
            begin_again(restart_url.is_some()),
        )
    }
}

/// The next step, with or without a button for it: no address can carry a long request.
fn begin_again(has_button: bool) -> &'static str {
    match has_button {
        true => "Begin again: you come to the same place.",
        false => "Go back to the application and sign in from there.",
    }
}

fn session_ended(application: &str, restart_url: Option<String>) -> Refusal<'_> {
    Refusal {
        application: Some(application),
        retry_url: restart_url.clone(),
        ..Refusal::bad_request(
            "You were signed out meanwhile",
            "The session that this sign-in was built on has ended.",
            begin_again(restart_url.is_some()),
        )
    }
}

fn client_disabled() -> Refusal<'static> {
    Refusal::bad_request(
        "This application is switched off",
        "Nobody can sign in to it at the moment.",
        "Ask the people who run it.",
    )
}

fn address_gone() -> Refusal<'static> {
    Refusal::bad_request(
        "The application’s request is no longer valid",
        "The address that it returns to is not registered any more.",
        "Go back to the application and sign in from there.",
    )
}
