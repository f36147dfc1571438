//! Client authentication (RFC 6749 §2.3).

use super::{answer::EndpointError, request::authorization};
use crate::{
    app::{App, RequestContext},
    audit::{Actor, AuditEvent, AuditTarget, about},
    directory::Client,
    http::urls::Path,
    protocol::{OAuthReason, Parameters, PresentedClient},
    storage::Fault,
};
use ::entity::ids::ClientKey;
use poem::Request;
use std::sync::Arc;

/// The client that sent a request, and the context in which it acts.
pub(super) struct Authenticated {
    /// The client.
    pub client: Arc<Client>,
    /// The request's context, with the client as actor.
    pub context: RequestContext,
}

/// Authenticates the client. An unknown client id fails like a wrong secret: with the same error, counted and
/// audited alike.
pub(super) async fn authenticate(
    app: &App,
    context: &RequestContext,
    request: &Request,
    form: &Parameters,
    endpoint: Path,
) -> Result<Authenticated, EndpointError> {
    let presented = PresentedClient::parse(&authorization(request), form)?;
    let client = app.directory.find_client(presented.client_id()).await?;
    let key = client.as_ref().map(|client| client.key);
    let budget = (context.rate_limit_prefix(), key);
    app.client_failures.check(budget, context.now)?;
    let proven = presented.authenticate(client.as_deref()).map(drop);
    match (proven, client) {
        (Ok(()), Some(client)) => {
            let context = context.by(Actor::Client(client.key));
            Ok(Authenticated { client, context })
        }
        (proven, _) => {
            app.client_failures.count(budget, context.now);
            audit_failure(app, context, key, endpoint).await?;
            Err(proven.err().unwrap_or_else(|| OAuthReason::ClientAuthenticationFailed.into()).into())
        }
    }
}

async fn audit_failure(
    app: &App,
    context: &RequestContext,
    client: Option<ClientKey>,
    endpoint: Path,
) -> Result<(), Fault> {
    let event = AuditEvent::ClientAuthenticationFailed { endpoint: endpoint.as_str() };
    let tx = app.storage.begin().await?;
    app.audit(&tx, context, &event, client.map_or(AuditTarget::unknown(), about)).await?;
    tx.commit().await
}
