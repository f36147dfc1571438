//! Finds the tenant of a request by its path: `/w/{slug}/…` is another workspace, everything else the one that is served at
//! the root.

use crate::{
    app::{App, DEFAULT_WORKSPACE, Tenant},
    fault::Fault,
    http::urls::Addressed,
};
use http::{Uri, uri::PathAndQuery};
use poem::{Endpoint, IntoResponse, Request, Response, Result, error::NotFoundError};
use std::sync::Arc;

/// Where a request arrived. It is part of its data.
#[derive(Clone)]
enum Place {
    /// The root. Its tenant is read only when a handler needs it: health checks and files answer without a database.
    Root,
    /// Another workspace.
    Workspace(Arc<Tenant>),
}

/// The routes of all tenants.
pub struct TenantRoutes<R, W> {
    /// The application.
    pub app: Arc<App>,
    /// The routes of the root: those of its workspace, and those of the installation.
    pub root: R,
    /// The routes of every other workspace, without their prefix.
    pub workspaces: W,
}

impl<R: Endpoint<Output = Response>, W: Endpoint<Output = Response>> Endpoint for TenantRoutes<R, W> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let (slug, path) = match Addressed::of(request.uri().path()) {
            Addressed::Root(_) => {
                request.set_data(Place::Root);
                return self.root.call(request).await.map(IntoResponse::into_response);
            }
            Addressed::Workspace { slug, path } => (slug, path),
        };
        // The workspace at the root has one issuer, so it has no other address.
        if slug == DEFAULT_WORKSPACE {
            return Err(NotFoundError.into());
        }
        let tenant = self.app.directory.with_slug(slug).await?.ok_or(NotFoundError)?;
        let uri = with_path(request.uri(), path).ok_or(NotFoundError)?;
        *request.uri_mut() = uri;
        request.set_data(Place::Workspace(tenant));
        self.workspaces.call(request).await.map(IntoResponse::into_response)
    }
}

/// Replaces the path and keeps the query.
fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{path}{query}")).ok()?);
    Uri::from_parts(parts).ok()
}

/// Returns the tenant of a request.
///
/// # Errors
/// When it cannot be read, because the database does not answer.
pub async fn tenant(app: &App, request: &Request) -> Result<Arc<Tenant>, Fault> {
    match request.data::<Place>() {
        Some(Place::Root) => app.directory.root().await,
        Some(Place::Workspace(tenant)) => Ok(Arc::clone(tenant)),
        None => Err(Fault::broken("a request came without its tenant")),
    }
}

/// Returns whether `origin` is one of the tenant's clients, whose scripts may read the responses to `request`.
///
/// # Errors
/// Those of [`tenant`].
pub fn is_client_origin(
    app: &Arc<App>,
    request: &Request,
    origin: String,
) -> impl Future<Output = Result<bool, Fault>> + Send + 'static + use<> {
    let (app, place) = (Arc::clone(app), request.data::<Place>().cloned());
    async move {
        let tenant = match place {
            Some(Place::Root) => app.directory.root().await?,
            Some(Place::Workspace(tenant)) => tenant,
            None => return Ok(false),
        };
        tenant.directory.is_client_origin(&origin).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_replaced_and_the_query_kept() {
        for (uri, path, expected) in [
            ("/w/acme/token", "/token", "/token"),
            ("/w/acme/authorize?a=b&c=%2Fd", "/authorize", "/authorize?a=b&c=%2Fd"),
            ("/w/acme/?", "/", "/?"),
            ("https://id.example/w/acme/a%20b", "/a%20b", "https://id.example/a%20b"),
        ] {
            assert_eq!(with_path(&uri.parse().unwrap(), path).unwrap().to_string(), expected, "{uri}");
        }
    }
}
