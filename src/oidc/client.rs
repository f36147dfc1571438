//! Client authentication (RFC 6749 §2.3).

use super::{
    answer::{EndpointError, to_client},
    request::{authorization, parameters},
};
use crate::{
    actions::clients,
    app::{App, RequestContext},
    audit::{Actor, Via},
    directory::Client,
    http::urls::Path,
    protocol::{OAuthReason, Parameters, PresentedClient},
    web,
};
use poem::{Request, Response, Result};
use std::sync::Arc;

/// A request of a client that has authenticated.
pub(super) struct ClientRequest {
    /// The client.
    pub client: Arc<Client>,
    /// The request's context, with the client as actor.
    pub context: RequestContext,
    /// The parameters in the body.
    pub form: Parameters,
}

/// Responds to a request at `endpoint`: reads its parameters, authenticates the client, and calls `handle`,
/// which nothing else reaches.
///
/// # Errors
/// A fault, for the middleware; everything else is a response.
pub(super) async fn respond<F: Future<Output = Result<Response, EndpointError>>>(
    app: &App,
    (request, body): (&Request, &[u8]),
    endpoint: Path,
    handle: impl FnOnce(ClientRequest) -> F,
) -> Result<Response> {
    let context = web::context(app, request, Via::Oidc).await?;
    let outcome = match authenticated(app, context, (request, body), endpoint).await {
        Ok(from) => handle(from).await,
        Err(error) => Err(error),
    };
    to_client(app, request, outcome)
}

async fn authenticated(
    app: &App,
    context: RequestContext,
    (request, body): (&Request, &[u8]),
    endpoint: Path,
) -> Result<ClientRequest, EndpointError> {
    let form = parameters(request, body)?;
    let client = authenticate(app, &context, request, &form, endpoint).await?;
    Ok(ClientRequest { context: context.by(Actor::Client(client.key)), client, form })
}

/// Authenticates the client. An unknown client id fails like a wrong secret: with the same error, and counted
/// alike.
async fn authenticate(
    app: &App,
    context: &RequestContext,
    request: &Request,
    form: &Parameters,
    endpoint: Path,
) -> Result<Arc<Client>, EndpointError> {
    let presented = PresentedClient::parse(&authorization(request), form)?;
    let client = app.directory.find_client(presented.client_id()).await?;
    let key = client.as_ref().map(|client| client.key);
    let budget = (context.rate_limit_prefix(), presented.client_id_hash());
    app.client_failures.check(budget, context.now)?;
    let proven = presented.authenticate(client.as_deref(), context.now).map(drop);
    match (proven, client) {
        (Ok(()), Some(client)) => Ok(client),
        (proven, _) => {
            app.client_failures.count(budget, context.now);
            if key.is_some() || may_record_unknown(app, context) {
                clients::record_failed_authentication(app, context, key, endpoint).await?;
            }
            Err(proven.err().unwrap_or_else(|| OAuthReason::ClientAuthenticationFailed.into()).into())
        }
    }
}

/// Counts an event about an unknown client id; `false` over the limit.
fn may_record_unknown(app: &App, context: &RequestContext) -> bool {
    let source = context.rate_limit_prefix();
    let may_record = app.unknown_client_events.check(source, context.now).is_ok();
    app.unknown_client_events.count(source, context.now);
    may_record
}
