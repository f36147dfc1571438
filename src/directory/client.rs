//! A relying party and its settings.

use super::token_lifetimes::TokenLifetimes;
use ::entity::{
    Timestamp,
    ids::{ClientKey, PoolId, WorkspaceId},
};
use serde::{Deserialize, Serialize};

/// A relying party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The id of its row.
    pub key: ClientKey,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its public identifier (RFC 6749 §2.2), made of `[A-Za-z0-9_-]`.
    pub client_id: String,
    /// Its display name.
    pub name: String,
    /// The SHA-256 hash of its secret; `None` makes it a public client (RFC 6749 §2.1).
    pub secret_hash: Option<Vec<u8>>,
    /// The secret that it had before, while that one is still accepted.
    pub previous_secret: Option<PreviousSecret>,
    /// Its permissions and the form of its responses.
    pub settings: ClientSettings,
    /// The pools whose people may sign in to it, in the order in which usernames are looked up.
    pub pools: Vec<PoolId>,
    /// Whether every endpoint refuses it.
    pub is_disabled: bool,
}

/// A secret that was replaced and is accepted for a while beside the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousSecret {
    /// The SHA-256 hash of the secret.
    pub hash: Vec<u8>,
    /// The end of that time.
    pub until: Timestamp,
}

impl Client {
    /// Whether it has no secret (RFC 6749 §2.1).
    pub fn is_public(&self) -> bool {
        self.secret_hash.is_none()
    }
}

/// Whether an authorization request must carry a code challenge (RFC 7636). A challenge that is sent is
/// always checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PkceRule {
    /// Requests without a challenge are refused. This always applies to public clients.
    Required,
    /// Requests without a challenge are accepted.
    #[default]
    WhenSent,
}

/// Whether people must consent before a client receives their data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentRule {
    /// Consent is asked once for each set of scopes and remembered.
    #[default]
    Required,
    /// The operator consented for everyone; `prompt=consent` still asks.
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
    /// Always; without `offline_access` it expires with the browser session.
    Always,
}

impl RefreshTokenRule {
    /// All rules.
    pub const ALL: [Self; 3] = [Self::Never, Self::OfflineAccess, Self::Always];

    /// Returns the rule's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OfflineAccess => "offline_access",
            Self::Always => "always",
        }
    }
}

/// The claims of an ID token beside those that OpenID Connect Core §2 requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// All claims of the granted scopes, because many relying parties never call userinfo.
    #[default]
    Granted,
    /// Only the claims requested by the `id_token` member of the `claims` parameter (Core §5.4, §5.5).
    Strict,
}

impl IdTokenClaims {
    /// All rules.
    pub const ALL: [Self; 2] = [Self::Granted, Self::Strict];

    /// Returns the rule's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Strict => "strict",
        }
    }
}

/// The signature algorithm of an ID token (RFC 7518 §3.1, RFC 8037).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, which every relying party can verify.
    #[default]
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// All algorithms, in the order in which discovery lists them.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDsa];

    /// Returns the `alg` value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// The settings of a client; the names follow OpenID Connect Registration §2 where it defines one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSettings {
    /// The addresses for codes and errors: compared byte for byte, except for the port of a loopback address
    /// (RFC 8252 §7.3).
    pub redirect_uris: Vec<String>,
    /// The addresses where a sign-out may end: compared byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
    /// Whether PKCE is required.
    pub pkce: PkceRule,
    /// Whether people must consent.
    pub consent: ConsentRule,
    /// When it gets a refresh token.
    pub refresh_token: RefreshTokenRule,
    /// The algorithm that signs its ID tokens.
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// The claims in its ID tokens.
    pub id_token_claims: IdTokenClaims,
    /// The `acr` that every sign-in to it must reach, regardless of the request.
    pub required_acr: Option<String>,
    /// How long its codes and tokens are valid. Written only where one differs from the default: an older version does
    /// not know the member, and then does not serve the client, because it would issue tokens of another lifetime.
    #[serde(skip_serializing_if = "TokenLifetimes::is_default")]
    pub token_lifetimes: TokenLifetimes,
}
