//! Client authentication (RFC 6749 §2.3).

use super::{answer::EndpointError, call::Call, trail};
use crate::{
    audit::{AuditEvent, AuditSubject},
    directory::Client,
    http::urls::Path,
    protocol::{OAuthReason, Parameters, PresentedClient},
    storage::Fault,
};
use ::entity::ids::ClientKey;
use std::sync::Arc;

/// Authenticates the client. An unknown client id fails like a wrong secret: with the same error, counted and
/// audited alike.
pub(super) async fn authenticate(
    call: &Call<'_>,
    form: &Parameters,
    endpoint: Path,
) -> Result<Arc<Client>, EndpointError> {
    let presented = PresentedClient::parse(&call.authorization(), form)?;
    let client = call.app.directory.find_client(presented.client_id()).await?;
    let key = client.as_ref().map(|client| client.key);
    let budget = (call.source().rate_limit_prefix(), key);
    call.app.client_failures.check(budget, call.now)?;
    let proven = presented.authenticate(client.as_deref()).map(drop);
    match (proven, client) {
        (Ok(()), Some(client)) => Ok(client),
        (proven, _) => {
            call.app.client_failures.count(budget, call.now);
            audit_failure(call, key, endpoint).await?;
            Err(proven.err().unwrap_or_else(|| OAuthReason::ClientAuthenticationFailed.into()).into())
        }
    }
}

async fn audit_failure(call: &Call<'_>, client: Option<ClientKey>, endpoint: Path) -> Result<(), Fault> {
    let subject = AuditSubject { client, ..AuditSubject::default() };
    let event = AuditEvent::ClientAuthenticationFailed { endpoint: endpoint.as_str() };
    let tx = call.app.storage.begin().await?;
    trail::note(call, &tx, subject, &event).await?;
    tx.commit().await
}
