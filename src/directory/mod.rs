//! The configured objects as values: workspaces, pools, clients, people. Never decides and never stores:
//! rules over these values are in `protocol`, `factors` and `journey`.
//! Spec: OpenID Connect Core §5.1 (standard claims), Registration §2 (client metadata names).
//! Called by: every module above.

mod built_in_client;
mod client;
mod naming;
mod person;
mod pool;
mod token_lifetimes;

pub use built_in_client::{BuiltInClient, is_reserved_name};
pub use client::{
    Client, ClientSettings, ConsentRule, IdTokenClaims, PkceRule, PreviousSecret, RefreshTokenRule,
    SigningAlgorithm,
};
pub use naming::{NamingProblem, check_email, check_text, check_username, is_slug, username_key};
pub use person::{Address, Person, StandardClaims};
pub use pool::{
    FactorKind, FirstDeviceRule, Pool, PoolPolicy, PushPolicy, PushPolicyProblem, SecondFactorRule,
    UserVerification,
};
pub use token_lifetimes::{TokenLifetime, TokenLifetimes};

use ::entity::ids::WorkspaceId;

/// A tenant and an issuer, with its own people, clients and keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The id of its row.
    pub id: WorkspaceId,
    /// Its short name in addresses ([`is_slug`]); the workspace named `default` is served at the root.
    pub slug: String,
    /// Its display name.
    pub display_name: String,
}
