use super::application::RelyingParty;
use super::authorization::{Destination, PendingSignIn, authorization_request};
use super::failure::Failure;
use super::session;
use poem::web::Data;
use poem::web::cookie::CookieJar;
use poem::{IntoResponse, Request, Response, handler};
use poem::{http::StatusCode, http::header};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Default, Deserialize)]
struct LoginParameters {
    to: Option<String>,
}

/// Redirects the browser to the provider.
#[handler]
pub async fn login(
    request: &Request,
    cookies: &CookieJar,
    Data(relying_party): Data<&Arc<RelyingParty>>,
) -> Result<Response, Failure> {
    let parameters = request.params::<LoginParameters>().unwrap_or_default();
    relying_party.start_sign_in(cookies, Destination::named(parameters.to.as_deref())).await
}

/// The authorization response (OpenID Connect Core §3.1.2.5, §3.1.2.6, RFC 9207).
#[derive(Deserialize)]
struct AuthorizationResponse {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Handles the authorization response: checks `state` and `iss`, redeems the code, starts a session.
#[handler]
pub async fn callback(
    request: &Request,
    cookies: &CookieJar,
    Data(relying_party): Data<&Arc<RelyingParty>>,
) -> Result<Response, Failure> {
    let response = request
        .params::<AuthorizationResponse>()
        .map_err(|error| Failure::UnreadableAnswer(error.to_string()))?;
    let pending = relying_party.take_pending(cookies, response.state.as_deref())?;
    let provider = relying_party.provider().await?;
    provider.check_issuer(response.iss.as_deref())?;
    if let Some(error) = response.error {
        return Err(Failure::ErrorResponse { error, description: response.error_description });
    }
    let code = response.code.ok_or(Failure::NoCode)?;
    let destination = pending.destination;
    let identity = relying_party.redeem(&provider, code, pending).await?;
    relying_party.sign_in(cookies, identity);
    Ok(see_other(destination.after_sign_in()))
}

impl RelyingParty {
    /// Stores a pending sign-in and redirects the browser to the provider.
    pub(super) async fn start_sign_in(
        &self,
        cookies: &CookieJar,
        destination: Destination,
    ) -> Result<Response, Failure> {
        let provider = self.provider().await?;
        let (url, state, pending) = authorization_request(&provider, self.browser(cookies), destination);
        self.pending().insert(state.into_secret(), pending, self.clock.now());
        Ok(see_other(url.as_str()))
    }

    /// Takes the pending sign-in of `state`, at most once and only for the browser that started it.
    fn take_pending(&self, cookies: &CookieJar, state: Option<&str>) -> Result<PendingSignIn, Failure> {
        let (state, browser) = state.zip(session::browser(cookies)).ok_or(Failure::UnknownState)?;
        let (mut all, now) = (self.pending(), self.clock.now());
        if all.get(state, now).is_none_or(|pending| pending.browser != browser) {
            return Err(Failure::UnknownState);
        }
        all.take(state, now).ok_or(Failure::UnknownState)
    }
}

/// Creates a 303 response, which the browser follows with GET.
pub fn see_other(location: &str) -> Response {
    StatusCode::SEE_OTHER.with_header(header::LOCATION, location).into_response()
}
