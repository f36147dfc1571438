//! The tenant of a request.

use crate::directory::Workspace;
use std::sync::Arc;

/// A workspace and its issuer. There is one: the workspace that is served at the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The workspace.
    pub workspace: Arc<Workspace>,
    /// Its issuer (OpenID Connect Core §2).
    pub issuer: String,
}
