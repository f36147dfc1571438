//! The context of an HTTP request.

use super::tenant_routes::tenant;
use crate::{
    app::{App, RequestContext},
    audit::{Actor, Via},
    fault::Fault,
    http::{request_id::RequestId, source::Source, user_agent::UserAgent},
};
use poem::Request;

/// Builds the context of `request`, and reads the clock for it. The actor is anonymous until the handler has
/// checked a proof or credential.
///
/// # Errors
/// When the tenant cannot be read, because the database does not answer.
pub async fn context(app: &App, request: &Request, via: Via) -> Result<RequestContext, Fault> {
    Ok(RequestContext {
        tenant: tenant(app, request).await?,
        actor: Actor::Anonymous,
        via,
        source: Some(Source::of(request)),
        agent: UserAgent::of(request),
        request_id: RequestId::of(request),
        now: app.now(),
    })
}
