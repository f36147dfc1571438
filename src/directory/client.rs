//! A relying party and what it is allowed.

use ::entity::ids::{ClientKey, PoolId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A relying party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its row.
    pub key: ClientKey,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its public name (RFC 6749 §2.2), made of `[A-Za-z0-9_-]`.
    pub client_id: String,
    /// Its name as people see it.
    pub name: String,
    /// SHA-256 of its secret; `None` makes it a public client (RFC 6749 §2.1).
    pub secret_hash: Option<Vec<u8>>,
    /// What it may do and how it is answered.
    pub settings: ClientSettings,
    /// The pools whose people may sign in to it, in the order in which a name is looked up.
    pub pools: Vec<PoolId>,
    /// A disabled client is refused at every entrance.
    pub is_disabled: bool,
}

impl Client {
    /// Whether it cannot keep a secret (RFC 6749 §2.1).
    pub fn is_public(&self) -> bool {
        self.secret_hash.is_none()
    }
}

/// Whether an authorization request must carry a code challenge; one that is sent is always checked (RFC 7636).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PkceRule {
    /// Refused without one. Public clients are always held to this.
    Required,
    /// Checked when there is one.
    #[default]
    WhenSent,
}

/// Whether people are asked before a client gets their data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentRule {
    /// Asked once for each set of scopes, and remembered.
    #[default]
    Required,
    /// The operator has consented for everyone; `prompt=consent` still asks.
    Implied,
}

/// When a client gets a refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshTokenRule {
    /// Never.
    Never,
    /// When `offline_access` is granted (OpenID Connect Core §11).
    #[default]
    OfflineAccess,
    /// Always; without `offline_access` it ends with the browser session.
    Always,
}

/// Which claims an ID token carries beside those that OpenID Connect Core §2 demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// All that the granted scopes name: many relying parties never call userinfo.
    #[default]
    Granted,
    /// Only those asked for by the `claims` parameter's `id_token` member (Core §5.4, §5.5).
    Strict,
}

/// How an ID token is signed (RFC 7518 §3.1, RFC 8037).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every relying party can verify.
    #[default]
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them, in the order in which discovery lists them.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDsa];

    /// The `alg` value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// What a client may do and how it is answered; the names follow OpenID Connect Registration §2 where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSettings {
    /// Where codes and errors may go: compared byte for byte, but for the port of a loopback address (RFC 8252 §7.3).
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may end: compared byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
    /// Whether PKCE is demanded.
    pub pkce: PkceRule,
    /// Whether people are asked.
    pub consent: ConsentRule,
    /// When it gets a refresh token.
    pub refresh_token: RefreshTokenRule,
    /// How its ID tokens are signed.
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// Which claims its ID tokens carry.
    pub id_token_claims: IdTokenClaims,
    /// The `acr` that every sign-in to it must reach, whatever the request says.
    pub required_acr: Option<String>,
}
