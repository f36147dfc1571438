//! An authorization request that satisfies every rule: what a sign-in carries along, sealed or stored.

use crate::protocol::{
    AcrValue, AuthorizationCode, AuthorizationResponse, ClaimsAcr, ClaimsParameter, CodeChallenge, Display,
    LanguageTag, LoginHint, MaxAge, Nonce, OAuthError, PromptSet, ReturnAddress, ScopeSet,
    UnverifiedIdTokenHint,
};
use ::entity::ids::ClientKey;
use serde::{Deserialize, Serialize};

/// A request with typed values. What was not sent is left out when it is stored, so that sealed ones stay short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_key: ClientKey,
    /// Where the answer goes.
    pub return_address: ReturnAddress,
    /// What is asked for.
    pub scopes: ScopeSet,
    /// What the redemption must prove (RFC 7636 §4.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// What the ID token returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
    /// What the person must be asked.
    #[serde(default, skip_serializing_if = "PromptSet::is_empty")]
    pub prompt: PromptSet,
    /// How old the sign-in may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<MaxAge>,
    /// How the person should sign in, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<AcrValue>,
    /// Claims asked for one by one.
    #[serde(default, skip_serializing_if = "ClaimsParameter::is_empty")]
    pub claims: ClaimsParameter,
    /// Whom the client expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<LoginHint>,
    /// Whom the client knows to have signed in before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_hint: Option<UnverifiedIdTokenHint>,
    /// How the pages should look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Display>,
    /// The languages of the pages, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales: Vec<LanguageTag>,
    /// The languages of the claims, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_locales: Vec<LanguageTag>,
}

impl AuthorizationRequest {
    /// The answer that carries a code.
    pub fn succeed(&self, code: &AuthorizationCode, issuer: &str) -> AuthorizationResponse {
        self.return_address.answer(vec![("code", code.reveal().to_owned())], issuer)
    }

    /// The answer that carries an error.
    pub fn refuse(&self, error: &OAuthError, issuer: &str) -> AuthorizationResponse {
        self.return_address.refuse(error, issuer)
    }

    /// The authentication contexts that are asked for: by the `claims` parameter, or else by `acr_values`, which are
    /// never essential (OpenID Connect Core §3.1.2.1, §5.5.1.1).
    pub fn acr(&self) -> Option<ClaimsAcr> {
        let voluntary = || ClaimsAcr { values: self.acr_values.clone(), is_essential: false };
        self.claims.acr().or_else(|| (!self.acr_values.is_empty()).then(voluntary))
    }
}
