use super::application::RelyingParty;
use super::authorization::{Destination, STRONGER_ACR};
use super::failure::Failure;
use super::pages;
use poem::web::{Data, cookie::CookieJar};
use poem::{Request, Response, handler};
use std::sync::Arc;

/// The first page.
#[handler]
pub async fn home(cookies: &CookieJar, Data(relying_party): Data<&Arc<RelyingParty>>) -> Response {
    match relying_party.signed_in(cookies) {
        Some(identity) => pages::account(&relying_party.settings, &identity),
        None => pages::welcome(&relying_party.settings),
    }
}

/// The notes, for any session; starts a sign-in without one.
#[handler]
pub async fn notes(
    cookies: &CookieJar,
    Data(relying_party): Data<&Arc<RelyingParty>>,
) -> Result<Response, Failure> {
    match relying_party.signed_in(cookies) {
        Some(identity) => Ok(pages::notes(&identity)),
        None => relying_party.start_sign_in(cookies, Destination::Notes).await,
    }
}

/// The reports. Requests the stronger sign-in once, and then shows the reports or the reached `acr`.
#[handler]
pub async fn reports(
    request: &Request,
    cookies: &CookieJar,
    Data(relying_party): Data<&Arc<RelyingParty>>,
) -> Result<Response, Failure> {
    let has_asked = request.uri().query() == Some("asked");
    match relying_party.signed_in(cookies) {
        Some(identity) if identity.acr.as_deref() == Some(STRONGER_ACR) => Ok(pages::reports(&identity)),
        Some(identity) if has_asked => Ok(pages::reports_withheld(&identity)),
        _ => relying_party.start_sign_in(cookies, Destination::Reports).await,
    }
}
