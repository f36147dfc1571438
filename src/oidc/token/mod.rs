//! The token endpoint (RFC 6749 §3.2).
//!
//! One file for each grant type; `issue` creates the tokens for both.

mod authorization_code;
mod issue;
mod refresh_token;

use super::{
    answer::{EndpointError, to_client},
    call::Call,
    client,
};
use crate::{app::App, http::urls::Path, protocol::TokenRequest};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Redeems an authorization code or a refresh token.
#[handler]
pub async fn token_endpoint(
    request: &Request,
    body: Vec<u8>,
    Data(app): Data<&Arc<App>>,
) -> Result<Response> {
    let call = Call::new(app, request);
    to_client(&call, redeem(&call, &body).await)
}

async fn redeem(call: &Call<'_>, body: &[u8]) -> Result<Response, EndpointError> {
    let form = call.form(body)?;
    let client = client::authenticate(call, &form, Path::Token).await?;
    match TokenRequest::parse(&form)? {
        TokenRequest::AuthorizationCode(request) => authorization_code::redeem(call, &client, &request).await,
        TokenRequest::RefreshToken(request) => refresh_token::redeem(call, &client, &request).await,
    }
}
