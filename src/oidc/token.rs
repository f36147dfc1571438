//! The token endpoint (RFC 6749 §3.2).

use super::{
    answer::{EndpointError, json},
    client::{ClientRequest, respond},
};
use crate::{actions::tokens, app::App, http::urls::Path, protocol::TokenRequest};
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
    let body = match TokenRequest::parse(&form)? {
        TokenRequest::AuthorizationCode(request) => {
            tokens::redeem_code(app, &context, &client, &request).await?
        }
        TokenRequest::RefreshToken(request) => tokens::refresh(app, &context, &client, &request).await?,
    };
    Ok(json(body))
}
