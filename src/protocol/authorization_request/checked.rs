//! An authorization request that satisfies every rule; a sign-in carries it along, sealed or stored.

use crate::protocol::{
    AcrValue, AuthorizationCode, AuthorizationResponse, ClaimsAcr, ClaimsParameter, CodeChallenge, Display,
    LanguageTag, LoginHint, MaxAge, Nonce, OAuthError, PromptSet, ReturnAddress, ScopeSet,
    UnverifiedIdTokenHint,
};
use ::entity::ids::ClientKey;
use serde::{Deserialize, Serialize};

/// A request with typed values. Absent parameters are omitted when serialized, to keep sealed requests short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The client that sent the request.
    pub client_key: ClientKey,
    /// The address of the response.
    pub return_address: ReturnAddress,
    /// The requested scopes.
    pub scopes: ScopeSet,
    /// The PKCE challenge (RFC 7636 §4.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// The value to return in the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
    /// The interaction that the client requires or forbids.
    #[serde(default, skip_serializing_if = "PromptSet::is_empty")]
    pub prompt: PromptSet,
    /// The greatest age of the authentication, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<MaxAge>,
    /// The preferred authentication contexts, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<AcrValue>,
    /// The individually requested claims.
    #[serde(default, skip_serializing_if = "ClaimsParameter::is_empty")]
    pub claims: ClaimsParameter,
    /// The account name that the client expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<LoginHint>,
    /// An ID token of the person whom the client expects; its signature is not verified yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_hint: Option<UnverifiedIdTokenHint>,
    /// The preferred layout of the pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Display>,
    /// The preferred languages of the pages, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales: Vec<LanguageTag>,
    /// The preferred languages of the claims, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_locales: Vec<LanguageTag>,
}

impl AuthorizationRequest {
    /// Returns the response that carries the code.
    pub fn succeed(&self, code: &AuthorizationCode, issuer: &str) -> AuthorizationResponse {
        self.return_address.answer(vec![("code", code.reveal().to_owned())], issuer)
    }

    /// Returns the response that carries `error`.
    pub fn refuse(&self, error: &OAuthError, issuer: &str) -> AuthorizationResponse {
        self.return_address.refuse(error, issuer)
    }

    /// Returns the requested authentication contexts: those of the `claims` parameter, or else those of
    /// `acr_values`, which are never essential (OpenID Connect Core §3.1.2.1, §5.5.1.1).
    pub fn acr(&self) -> Option<ClaimsAcr> {
        let voluntary = || ClaimsAcr { values: self.acr_values.clone(), is_essential: false };
        self.claims.acr().or_else(|| (!self.acr_values.is_empty()).then(voluntary))
    }
}
