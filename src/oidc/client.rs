//! Client authentication (RFC 6749 §2.3).

use super::{
    answer::{EndpointError, failed, to_client},
    request::{authorization, parameters},
};
use crate::{
    actions::clients,
    app::{App, RequestContext},
    audit::{Actor, Via},
    digest::sha256,
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
/// None: a fault, too, is a response of the protocol.
pub(super) async fn respond<F: Future<Output = Result<Response, EndpointError>>>(
    app: &App,
    (request, body): (&Request, &[u8]),
    endpoint: Path,
    handle: impl FnOnce(ClientRequest) -> F,
) -> Result<Response> {
    let context = match web::context(app, request, Via::Oidc).await {
        Ok(context) => context,
        Err(fault) => return Ok(failed(request, &fault)),
    };
    let tenant = Arc::clone(&context.tenant);
    let outcome = match authenticated(app, context, (request, body), endpoint).await {
        Ok(from) => handle(from).await,
        Err(error) => Err(error),
    };
    to_client(&tenant, request, outcome)
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
    let client = context.tenant.directory.find_client(presented.client_id()).await?;
    let key = client.as_ref().map(|client| client.key);
    let budget = (context.rate_limit_prefix(), counted_as(context, &presented));
    let attempt = app.client_failures.reserve(budget, context.now)?;
    let proven = presented.authenticate(client.as_deref(), context.now).map(drop);
    match (proven, client) {
        (Ok(()), Some(client)) => Ok(client),
        (proven, _) => {
            attempt.keep();
            if may_record(app, context, &presented, key.is_some()) {
                let failed = (key, presented.client_id_hash());
                clients::record_failed_authentication(app, context, failed, endpoint).await?;
            }
            Err(proven.err().unwrap_or_else(|| OAuthReason::ClientAuthenticationFailed.into()).into())
        }
    }
}

/// Counts an event about this client id; `false` over the limit. One event an hour tells that a client fails; made-up
/// ids are limited by their source as well. The database decides for all nodes; counting here as well saves its writes.
fn may_record(app: &App, context: &RequestContext, presented: &PresentedClient, is_known: bool) -> bool {
    let (source, now) = (context.rate_limit_prefix(), context.now);
    (is_known || app.unknown_client_events.take(source, now).is_ok())
        && app.client_failure_events.take(counted_as(context, presented), now).is_ok()
}

/// Returns the name under which failures are counted: a client id of one tenant is not that of another.
fn counted_as(context: &RequestContext, presented: &PresentedClient) -> [u8; 32] {
    let workspace = context.tenant.workspace.id.0;
    sha256([workspace.as_bytes().as_slice(), &presented.client_id_hash()].concat())
}
