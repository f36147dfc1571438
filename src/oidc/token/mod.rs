//! The token endpoint (RFC 6749 §3.2).
//!
//! One file for each grant type; `issue` creates the tokens for both.

mod authorization_code;
mod issue;
mod refresh_token;

use super::{
    answer::{EndpointError, to_client},
    client::{self, Authenticated},
    request::parameters,
};
use crate::{
    app::{App, RequestContext},
    audit::Via,
    http::urls::Path,
    protocol::TokenRequest,
    web,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Redeems an authorization code or a refresh token.
#[handler]
pub async fn token_endpoint(
    request: &Request,
    body: Vec<u8>,
    Data(app): Data<&Arc<App>>,
) -> Result<Response> {
    let context = web::context(app, request, Via::Oidc).await?;
    to_client(app, request, redeem(app, &context, request, &body).await)
}

async fn redeem(
    app: &App,
    context: &RequestContext,
    request: &Request,
    body: &[u8],
) -> Result<Response, EndpointError> {
    let form = parameters(request, body)?;
    let Authenticated { client, context } =
        client::authenticate(app, context, request, &form, Path::Token).await?;
    match TokenRequest::parse(&form)? {
        TokenRequest::AuthorizationCode(request) => {
            authorization_code::redeem(app, &context, &client, &request).await
        }
        TokenRequest::RefreshToken(request) => refresh_token::redeem(app, &context, &client, &request).await,
    }
}
