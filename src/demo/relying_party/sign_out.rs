use super::application::RelyingParty;
use super::failure::Failure;
use super::{pages, sign_in::see_other};
use poem::web::{Data, cookie::CookieJar};
use poem::{Request, Response, handler, http::header};
use std::sync::Arc;

/// Refreshes the tokens; a failed refresh ends the application's session.
#[handler]
pub async fn refresh(
    request: &Request,
    cookies: &CookieJar,
    Data(relying_party): Data<&Arc<RelyingParty>>,
) -> Result<Response, Failure> {
    relying_party.check_own_form(request)?;
    let Some(mut identity) = relying_party.signed_in(cookies) else { return Ok(see_other("/")) };
    let provider = relying_party.provider().await?;
    match relying_party.refresh(&provider, &mut identity).await {
        Ok(()) => relying_party.renew(cookies, identity),
        Err(failure) => {
            relying_party.sign_out(cookies);
            return Err(failure);
        }
    }
    Ok(see_other("/"))
}

/// Ends the application's session, then redirects to the provider's sign-out (OpenID Connect RP-Initiated
/// Logout §2).
#[handler]
pub async fn logout(
    request: &Request,
    cookies: &CookieJar,
    Data(relying_party): Data<&Arc<RelyingParty>>,
) -> Result<Response, Failure> {
    relying_party.check_own_form(request)?;
    let Some(identity) = relying_party.sign_out(cookies) else { return Ok(see_other("/signed-out")) };
    let url = relying_party.provider().await?.sign_out_url(&identity);
    Ok(see_other(url.as_ref().map_or("/signed-out", |url| url.as_str())))
}

/// The page to which the provider redirects after its sign-out.
#[handler]
pub async fn signed_out() -> Response {
    pages::signed_out()
}

impl RelyingParty {
    /// Rejects a form posted from another origin: browsers send `Origin` with every form.
    fn check_own_form(&self, request: &Request) -> Result<(), Failure> {
        match request.header(header::ORIGIN) {
            Some(origin) if origin != self.settings.base_url => Err(Failure::ForeignForm(origin.to_owned())),
            _ => Ok(()),
        }
    }
}
