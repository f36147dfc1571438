//! The revocation endpoint (RFC 7009): a client revokes its own tokens.

use super::{
    answer::{EndpointError, empty},
    client::{ClientRequest, respond},
};
use crate::{actions::tokens, app::App, http::urls::Path, protocol::PresentedToken};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Revokes an access token alone, or a refresh token with its whole grant (§2.1).
#[handler]
pub async fn revocation_endpoint(
    request: &Request,
    body: Vec<u8>,
    Data(app): Data<&Arc<App>>,
) -> Result<Response> {
    respond(app, (request, &body), Path::Revoke, |from| end(app, from)).await
}

async fn end(app: &App, from: ClientRequest) -> Result<Response, EndpointError> {
    let ClientRequest { client, context, form } = from;
    tokens::revoke(app, &context, &client, &PresentedToken::parse(&form)?).await?;
    Ok(empty())
}
