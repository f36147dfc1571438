//! How a call ends: JSON that nobody keeps, or an error of the protocol.

use super::call::Call;
use crate::{
    http::budgets::Spent,
    protocol::{OAuthError, OAuthReason, basic_challenge, bearer_challenge},
    storage::Fault,
};
use http::{HeaderValue, StatusCode, header};
use poem::{Response, Result};

/// Why a call has no answer of its own.
pub(super) enum EndpointError {
    /// The developer of the client is told why.
    Refused(OAuthError),
    /// The client failed too often from there.
    Throttled(Spent),
    /// The operator is told why; the caller, whether to try again.
    Failed(Fault),
}

impl From<OAuthError> for EndpointError {
    fn from(error: OAuthError) -> Self {
        Self::Refused(error)
    }
}

impl From<OAuthReason> for EndpointError {
    fn from(reason: OAuthReason) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<Spent> for EndpointError {
    fn from(spent: Spent) -> Self {
        Self::Throttled(spent)
    }
}

impl From<Fault> for EndpointError {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// A JSON answer (RFC 6749 §5.1: never kept by anyone).
pub(super) fn json(body: impl Into<poem::Body>) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::PRAGMA, "no-cache")
        .body(body)
}

/// An answer that is said by its status alone. It has no body, so it names no type: a client that is promised JSON would
/// read some.
pub(super) fn empty() -> Response {
    Response::builder().header(header::CACHE_CONTROL, "no-store").header(header::PRAGMA, "no-cache").finish()
}

/// The answer at an endpoint where clients authenticate (RFC 6749 §5.2).
pub(super) fn to_client(call: &Call<'_>, outcome: Result<Response, EndpointError>) -> Result<Response> {
    conclude(call, outcome, |error| basic_challenge(&call.authorization(), error, call.app.issuer()))
}

/// The answer at a protected resource (RFC 6750 §3).
pub(super) fn to_bearer(call: &Call<'_>, outcome: Result<Response, EndpointError>) -> Result<Response> {
    conclude(call, outcome, |error| Some(bearer_challenge(error, call.app.issuer())))
}

fn conclude(
    call: &Call<'_>,
    outcome: Result<Response, EndpointError>,
    challenge: impl FnOnce(&OAuthError) -> Option<String>,
) -> Result<Response> {
    match outcome {
        Ok(response) => Ok(response),
        Err(EndpointError::Failed(fault)) => Err(fault.into()),
        Err(EndpointError::Throttled(spent)) => Ok(throttled(spent)),
        Err(EndpointError::Refused(error)) => {
            tracing::info!(request_id = %call.id(), path = call.request.uri().path(), "refused: {error}");
            Ok(refused(&error, challenge(&error)))
        }
    }
}

fn refused(error: &OAuthError, challenge: Option<String>) -> Response {
    let mut response = json(error.body().to_string());
    response.set_status(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST));
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::try_from(challenge).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// RFC 6585 §4.
fn throttled(spent: Spent) -> Response {
    let error = OAuthError::from(OAuthReason::ClientAuthenticationThrottled);
    let mut response = json(error.body().to_string());
    response.set_status(StatusCode::TOO_MANY_REQUESTS);
    response.headers_mut().insert(header::RETRY_AFTER, spent.retry_after_seconds.into());
    response
}
