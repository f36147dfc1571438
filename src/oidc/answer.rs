//! The end of a request: an uncacheable JSON response, or an error of the protocol.

use super::request::authorization;
use crate::{
    actions::{ActionError, tokens::TokenError},
    app::Tenant,
    fault::Fault,
    http::{fault::retry_after_seconds, request_id::RequestId},
    limits::rate_limit::RateLimited,
    protocol::{OAuthError, OAuthReason, basic_challenge, bearer_challenge},
};
use http::{HeaderValue, StatusCode, header};
use poem::{Request, Response, Result, error::ResponseError};

/// Why a request fails.
pub(super) enum EndpointError {
    /// An error for the client's developer.
    Refused(OAuthError),
    /// Too many authentication failures of this client from this address.
    Throttled(RateLimited),
    /// A server fault: its cause is logged for the operator, and the caller learns only whether to retry.
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

impl From<TokenError> for EndpointError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(error) => Self::Refused(error),
            TokenError::Failed(fault) => Self::Failed(fault),
        }
    }
}

impl From<ActionError> for EndpointError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Limited { retry_after_seconds } => {
                Self::Throttled(RateLimited { retry_after_seconds })
            }
            error => Self::Failed(error.into_fault()),
        }
    }
}

impl From<RateLimited> for EndpointError {
    fn from(limited: RateLimited) -> Self {
        Self::Throttled(limited)
    }
}

impl From<Fault> for EndpointError {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// Builds a JSON response that no cache may keep (RFC 6749 §5.1).
pub(super) fn json(body: impl Into<poem::Body>) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::PRAGMA, "no-cache")
        .body(body)
}

/// Builds a response without body and Content-Type, so that clients do not parse an empty body as JSON.
pub(super) fn empty() -> Response {
    Response::builder().header(header::CACHE_CONTROL, "no-store").header(header::PRAGMA, "no-cache").finish()
}

/// Builds the response of an endpoint where clients authenticate (RFC 6749 §5.2).
pub(super) fn to_client(
    tenant: &Tenant,
    request: &Request,
    outcome: Result<Response, EndpointError>,
) -> Result<Response> {
    conclude(request, outcome, |error| basic_challenge(&authorization(request), error, tenant.issuer()))
}

/// Builds the response of a protected resource (RFC 6750 §3).
pub(super) fn to_bearer(
    tenant: &Tenant,
    request: &Request,
    outcome: Result<Response, EndpointError>,
) -> Result<Response> {
    conclude(request, outcome, |error| Some(bearer_challenge(error, tenant.issuer())))
}

fn conclude(
    request: &Request,
    outcome: Result<Response, EndpointError>,
    challenge: impl FnOnce(&OAuthError) -> Option<String>,
) -> Result<Response> {
    match outcome {
        Ok(response) => Ok(response),
        Err(EndpointError::Failed(fault)) => Ok(failed(request, &fault)),
        Err(EndpointError::Throttled(limited)) => Ok(throttled(limited)),
        Err(EndpointError::Refused(error)) => {
            let (request_id, path) = (RequestId::of(request), request.uri().path());
            tracing::info!(%request_id, path, "refused: {error}");
            Ok(refused(&error, challenge(&error)))
        }
    }
}

fn refused(error: &OAuthError, challenge: Option<String>) -> Response {
    // RFC 6750 §3.1: the response to a request without any token names no error.
    let is_without_token = *error.reason() == OAuthReason::AccessTokenMissing;
    let mut response = if is_without_token { empty() } else { json(error.body().to_string()) };
    response.set_status(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST));
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::try_from(challenge).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The response to a fault: 503 with `Retry-After` when another attempt may succeed, else 500.
pub(super) fn failed(request: &Request, fault: &Fault) -> Response {
    fault.log(&format!("request {} to {} failed", RequestId::of(request), request.uri().path()));
    let retry_after_seconds = retry_after_seconds(fault);
    let reason = match retry_after_seconds {
        Some(_) => OAuthReason::Unavailable,
        None => OAuthReason::ServerFault,
    };
    let mut response = json(OAuthError::from(reason).body().to_string());
    response.set_status(fault.status());
    if let Some(seconds) = retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// 429 with `Retry-After` (RFC 6585 §4).
fn throttled(limited: RateLimited) -> Response {
    let error = OAuthError::from(OAuthReason::ClientAuthenticationThrottled);
    let mut response = json(error.body().to_string());
    response.set_status(StatusCode::TOO_MANY_REQUESTS);
    response.headers_mut().insert(header::RETRY_AFTER, limited.retry_after_seconds.into());
    response
}
