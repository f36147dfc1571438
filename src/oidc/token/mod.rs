//! The token endpoint (RFC 6749 §3.2).
//!
//! One file for each grant type; `issue` creates the tokens for both.

mod authorization_code;
mod issue;
mod refresh_token;

use super::{
    answer::EndpointError,
    client::{ClientRequest, respond},
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
    respond(app, (request, &body), Path::Token, |from| redeem(app, from)).await
}

async fn redeem(app: &App, from: ClientRequest) -> Result<Response, EndpointError> {
    let ClientRequest { client, context, form } = from;
    match TokenRequest::parse(&form)? {
        TokenRequest::AuthorizationCode(request) => {
            authorization_code::redeem(app, &context, &client, &request).await
        }
        TokenRequest::RefreshToken(request) => refresh_token::redeem(app, &context, &client, &request).await,
    }
}
