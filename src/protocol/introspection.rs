//! The introspection response (RFC 7662 §2.2).

use super::ScopeSet;
use crate::clock::Timestamp;
use ::entity::ids::PersonId;
use serde_json::{Value, json};

/// A live token that was issued to the requesting client.
#[derive(Clone, Debug)]
pub struct ActiveToken<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The client that the token was issued to.
    pub client_id: &'a str,
    /// The person who signed in.
    pub subject: PersonId,
    /// The granted scopes.
    pub scopes: &'a ScopeSet,
    /// The instant of issue.
    pub issued_at: Timestamp,
    /// The instant of expiry.
    pub expires_at: Timestamp,
    /// The instant of authentication (RFC 9470 §6.2).
    pub auth_time: Timestamp,
    /// The authentication context class (RFC 9470 §6.2).
    pub acr: Option<&'a str>,
    /// `Bearer` for an access token; a refresh token has no type.
    pub token_type: Option<&'static str>,
}

/// Builds the response. An expired, unknown or foreign token yields only `active: false`.
pub fn introspection_response(token: Option<&ActiveToken<'_>>) -> Value {
    let Some(token) = token else { return json!({ "active": false }) };
    let mut answer = json!({
        "active": true,
        "iss": token.issuer,
        "client_id": token.client_id,
        "sub": token.subject,
        "scope": token.scopes.to_string(),
        "iat": token.issued_at.unix_seconds(),
        "exp": token.expires_at.unix_seconds(),
        "auth_time": token.auth_time.unix_seconds(),
    });
    if let Some(members) = answer.as_object_mut() {
        members.extend(token.acr.map(|acr| ("acr".to_owned(), acr.into())));
        members.extend(token.token_type.map(|kind| ("token_type".to_owned(), kind.into())));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_token_is_reported_as_inactive_without_details() {
        assert_eq!(introspection_response(None), json!({ "active": false }));
    }

    #[test]
    fn a_live_token_is_described() {
        let scopes = ScopeSet::parse("openid email").unwrap();
        let token = ActiveToken {
            issuer: "https://id.example",
            client_id: "rp-1",
            subject: "per_AAAAAAAAAAAAAAAAAAAABQ".parse().unwrap(),
            scopes: &scopes,
            issued_at: Timestamp(5_999),
            expires_at: Timestamp(605_999),
            auth_time: Timestamp(4_000),
            acr: Some("2fa"),
            token_type: Some("Bearer"),
        };
        let expected = json!({
            "active": true, "iss": "https://id.example", "client_id": "rp-1", "sub": "per_AAAAAAAAAAAAAAAAAAAABQ",
            "scope": "openid email", "iat": 5, "exp": 605, "auth_time": 4, "acr": "2fa", "token_type": "Bearer",
        });
        assert_eq!(introspection_response(Some(&token)), expected);
        let refresh = ActiveToken { acr: None, token_type: None, ..token };
        assert_eq!(introspection_response(Some(&refresh)).get("token_type"), None);
    }
}
