use crate::clock::Timestamp;
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreUserInfoClaims};
use openidconnect::{AccessToken, Nonce, RefreshToken};
use serde::Serialize;
use serde_json::{Map, Value};

/// Claims by name, in order.
pub type Claims = Map<String, Value>;

/// Who is signed in and how, as far as the provider said so and we could verify it.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Everything the ID token claims.
    pub id_token_claims: Claims,
    /// Everything the userinfo endpoint claims.
    pub user_info: Claims,
    /// The authentication context class that was reached.
    pub acr: Option<String>,
    /// How the person proved who they are.
    pub amr: Vec<String>,
    /// When they did.
    pub auth_time: Option<DateTime<Utc>>,
    /// The ID token as received: the hint with which a sign-out says who it is about.
    pub id_token: CoreIdToken,
    /// The nonce of the sign-in, which a refreshed ID token may only repeat.
    pub nonce: Nonce,
    /// Opens the userinfo endpoint.
    pub access_token: AccessToken,
    /// Brings new tokens.
    pub refresh_token: Option<RefreshToken>,
    /// When new tokens came last.
    pub refreshed_at: Option<Timestamp>,
}

impl Identity {
    /// Takes over what a verified ID token says.
    pub fn describe(&mut self, claims: &CoreIdTokenClaims) {
        self.id_token_claims = as_map(claims);
        self.acr = claims.auth_context_ref().map(|acr| acr.to_string());
        self.amr = claims.auth_method_refs().into_iter().flatten().map(|amr| amr.to_string()).collect();
        self.auth_time = claims.auth_time();
    }

    /// Takes over what the userinfo endpoint says.
    pub fn describe_person(&mut self, claims: &CoreUserInfoClaims) {
        self.user_info = as_map(claims);
    }

    /// What to call the person: the friendliest claim there is.
    pub fn name(&self) -> &str {
        ["name", "preferred_username", "email", "sub"]
            .iter()
            .find_map(|claim| self.claim(claim))
            .unwrap_or("someone")
    }

    /// A claim that is text, by userinfo's word before the ID token's.
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
