use crate::clock::Timestamp;
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreUserInfoClaims};
use openidconnect::{AccessToken, Nonce, RefreshToken};
use serde::Serialize;
use serde_json::{Map, Value};

/// Claims by name, in order.
pub type Claims = Map<String, Value>;

/// The verified identity of a session.
#[derive(Clone, Debug)]
pub struct Identity {
    /// All claims of the ID token.
    pub id_token_claims: Claims,
    /// All claims of the userinfo endpoint.
    pub user_info: Claims,
    /// The reached authentication context class.
    pub acr: Option<String>,
    /// The authentication methods.
    pub amr: Vec<String>,
    /// The time of the authentication.
    pub auth_time: Option<DateTime<Utc>>,
    /// The ID token as received, sent as `id_token_hint` at sign-out.
    pub id_token: CoreIdToken,
    /// The nonce of the sign-in; a refreshed ID token has the same nonce or none.
    pub nonce: Nonce,
    /// The access token for the userinfo endpoint.
    pub access_token: AccessToken,
    /// The refresh token, if the provider issued one.
    pub refresh_token: Option<RefreshToken>,
    /// The time of the last refresh.
    pub refreshed_at: Option<Timestamp>,
}

impl Identity {
    /// Copies the claims of a verified ID token.
    pub fn describe(&mut self, claims: &CoreIdTokenClaims) {
        self.id_token_claims = as_map(claims);
        self.acr = claims.auth_context_ref().map(|acr| acr.to_string());
        self.amr = claims.auth_method_refs().into_iter().flatten().map(|amr| amr.to_string()).collect();
        self.auth_time = claims.auth_time();
    }

    /// Copies the claims of the userinfo endpoint.
    pub fn describe_person(&mut self, claims: &CoreUserInfoClaims) {
        self.user_info = as_map(claims);
    }

    /// Returns the person's name for display: the first available of name, username, email and subject.
    pub fn name(&self) -> &str {
        ["name", "preferred_username", "email", "sub"]
            .iter()
            .find_map(|claim| self.claim(claim))
            .unwrap_or("someone")
    }

    /// Returns a string claim, from userinfo or else from the ID token.
    pub fn claim(&self, name: &str) -> Option<&str> {
        [&self.user_info, &self.id_token_claims].iter().find_map(|claims| claims.get(name)?.as_str())
    }
}

fn as_map(claims: &impl Serialize) -> Claims {
    match serde_json::to_value(claims) {
        Ok(Value::Object(map)) => map,
        _ => Claims::new(),
    }
}
