//! The tenant of a request.

use super::{TenantDirectory, WorkspaceKeys};
use crate::{
    directory::Workspace,
    fault::Fault,
    http::{cookies::Cookies, representation::Representation, urls::Urls},
    keys::verify_jws,
    protocol::IdTokenHint,
};
use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

/// The slug of the workspace that is served at the root.
pub const DEFAULT_WORKSPACE: &str = "default";

/// A workspace with everything that is its own: its issuer and URLs, its cookies, its clients, pools and keys.
pub struct Tenant {
    /// The workspace.
    pub workspace: Arc<Workspace>,
    /// Its URLs, and its issuer.
    pub urls: Urls,
    /// Its cookies.
    pub cookies: Cookies,
    /// Its cached clients, pools and keys.
    pub directory: TenantDirectory,
    /// Its discovery document, once a request has asked for it.
    pub metadata: OnceLock<Representation>,
}

impl Tenant {
    /// Returns the issuer (OpenID Connect Core §2).
    pub fn issuer(&self) -> &str {
        self.urls.issuer()
    }

    /// Returns whether the tenant is served at the root.
    pub fn is_root(&self) -> bool {
        self.workspace.slug == DEFAULT_WORKSPACE
    }

    /// Returns the workspace's keys; creates missing ones.
    ///
    /// # Errors
    /// When they were sealed with another sealing key, or the database does not answer.
    pub async fn keys(&self) -> Result<Arc<WorkspaceKeys>, Fault> {
        self.directory.keys().await
    }

    /// Returns a hint that this tenant has signed, also when it has expired; `None` for any other text. The
    /// caller checks its client (OpenID Connect Core §3.1.2.1).
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub async fn verified_hint(&self, hint: &str) -> Result<Option<IdTokenHint>, Fault> {
        let keys = self.keys().await?;
        let claims = verify_jws(&keys.ring, hint);
        Ok(claims.and_then(|claims| IdTokenHint::from_verified_claims(&claims, self.issuer())))
    }

    /// Returns the purpose of a seal for this tenant alone: a value that was sealed for another one does not open. At the
    /// root it is `purpose` itself, as earlier versions seal.
    pub fn seal_purpose(&self, purpose: &'static str) -> Cow<'static, str> {
        match self.is_root() {
            true => purpose.into(),
            false => format!("{purpose}:{}", self.workspace.id).into(),
        }
    }
}

impl PartialEq for Tenant {
    fn eq(&self, other: &Self) -> bool {
        (&self.workspace, &self.urls) == (&other.workspace, &other.urls)
    }
}

impl Eq for Tenant {}

impl fmt::Debug for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Tenant");
        shown.field("workspace", &self.workspace).field("urls", &self.urls).finish_non_exhaustive()
    }
}
