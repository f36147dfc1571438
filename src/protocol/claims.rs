//! The claims about a person that a relying party receives (OpenID Connect Core §5.1, §5.3.2, §5.4, §5.5).
//!
//! A claim is returned as recorded or left out: never null, never empty.

use super::{ClaimRequest, ClaimsParameter, ScopeSet, claim_names::CLAIMS};
use crate::directory::{IdTokenClaims, Person, StandardClaims};
use ::entity::ids::PersonId;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Returns the person's claims for an ID token, without the claims of the protocol itself.
pub fn id_token_claims(
    person: &Person,
    scopes: &ScopeSet,
    parameter: &ClaimsParameter,
    rule: IdTokenClaims,
) -> Map<String, Value> {
    let by_scope = match rule {
        IdTokenClaims::Granted => scopes.clone(),
        IdTokenClaims::Strict => ScopeSet::default(),
    };
    granted(&person.claims, &by_scope, &parameter.id_token)
}

/// Returns the body of the userinfo response (§5.3.2).
pub fn userinfo_claims(
    subject: PersonId,
    recorded: &StandardClaims,
    scopes: &ScopeSet,
    parameter: &ClaimsParameter,
) -> Map<String, Value> {
    let mut claims = granted(recorded, scopes, &parameter.userinfo);
    claims.insert("sub".to_owned(), subject.to_string().into());
    claims
}

fn granted(
    recorded: &StandardClaims,
    scopes: &ScopeSet,
    requested: &BTreeMap<String, ClaimRequest>,
) -> Map<String, Value> {
    let mut recorded = present(recorded);
    let is_granted = |name: &str, scope| scopes.contains(scope) || requested.contains_key(name);
    let wanted = CLAIMS.into_iter().filter(|(name, scope)| is_granted(name, *scope));
    wanted.filter_map(|(name, _)| recorded.remove_entry(name)).collect()
}

/// Returns every claim with a value. Email and phone number count as unverified unless recorded as verified.
fn present(recorded: &StandardClaims) -> Map<String, Value> {
    let Ok(Value::Object(mut claims)) = serde_json::to_value(recorded) else { return Map::new() };
    if let Some(Value::Object(address)) = claims.get_mut("address") {
        address.retain(|_, part| !is_empty(part));
    }
    claims.retain(|_, claim| !is_empty(claim));
    for (about, verified) in [("email", "email_verified"), ("phone_number", "phone_number_verified")] {
        if claims.contains_key(about) {
            claims.entry(verified).or_insert(Value::Bool(false));
        } else {
            claims.remove(verified);
        }
    }
    claims
}

fn is_empty(claim: &Value) -> bool {
    match claim {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Address;
    use crate::protocol::samples::person;
    use serde_json::json;

    fn userinfo_of(person: &Person, scopes: &ScopeSet, parameter: &ClaimsParameter) -> Map<String, Value> {
        userinfo_claims(person.id, &person.claims, scopes, parameter)
    }

    fn scopes(text: &str) -> ScopeSet {
        ScopeSet::parse(text).unwrap()
    }

    #[test]
    fn userinfo_returns_every_recorded_claim_of_the_granted_scopes() {
        let none = ClaimsParameter::default();
        let all = userinfo_of(&person(), &scopes("openid profile email address phone"), &none);
        let expected = json!({
            "sub": "per_AAAAAAAAAAAAAAAAAAAABQ", "name": "Ada Lovelace", "given_name": "Ada", "updated_at": 1_700_000_000,
            "email": "ada@example.com", "email_verified": false, "phone_number": "+33123456789",
            "phone_number_verified": true, "address": {"country": "GB"},
        });
        assert_eq!(Value::Object(all), expected);
        let email = userinfo_of(&person(), &scopes("openid email"), &none);
        assert_eq!(email.keys().collect::<Vec<_>>(), ["email", "email_verified", "sub"]);
        assert_eq!(userinfo_of(&person(), &scopes("openid"), &none).len(), 1);
    }

    #[test]
    fn null_and_empty_claims_are_left_out() {
        let mut person = person();
        person.claims.address = Some(Address { country: Some(" ".to_owned()), ..Address::default() });
        person.claims.email = Some(String::new());
        person.claims.email_verified = Some(true);
        let claims =
            userinfo_of(&person, &scopes("openid profile email address"), &ClaimsParameter::default());
        for absent in ["address", "email", "email_verified", "nickname", "website"] {
            assert!(!claims.contains_key(absent), "{absent}");
        }
        assert!(claims.contains_key("name"));
    }

    #[test]
    fn individually_requested_claims_are_returned_where_they_were_requested() {
        let parameter = ClaimsParameter::parse(
            r#"{"userinfo":{"name":{"essential":true},"middle_name":null},"id_token":{"email":null,"iss":null}}"#,
        )
        .unwrap();
        let userinfo = userinfo_of(&person(), &scopes("openid"), &parameter);
        assert_eq!(userinfo.keys().collect::<Vec<_>>(), ["name", "sub"]);
        let id_token =
            id_token_claims(&person(), &scopes("openid profile"), &parameter, IdTokenClaims::Strict);
        assert_eq!(id_token.keys().collect::<Vec<_>>(), ["email"]);
    }

    #[test]
    fn an_id_token_carries_scope_claims_unless_the_client_is_strict() {
        let none = ClaimsParameter::default();
        let claims = |rule| id_token_claims(&person(), &scopes("openid email"), &none, rule);
        assert_eq!(claims(IdTokenClaims::Granted).keys().collect::<Vec<_>>(), ["email", "email_verified"]);
        assert!(claims(IdTokenClaims::Strict).is_empty());
    }

    #[test]
    fn every_standard_claim_has_its_scope() {
        let text = |name: &str| Some(name.to_owned());
        let recorded = StandardClaims {
            name: text("a"),
            given_name: text("a"),
            family_name: text("a"),
            middle_name: text("a"),
            nickname: text("a"),
            preferred_username: text("a"),
            profile: text("a"),
            picture: text("a"),
            website: text("a"),
            gender: text("a"),
            birthdate: text("a"),
            zoneinfo: text("a"),
            locale: text("a"),
            updated_at: Some(1),
            email: text("a"),
            email_verified: Some(true),
            phone_number: text("a"),
            phone_number_verified: Some(true),
            address: Some(Address { locality: text("a"), ..Address::default() }),
        };
        let claims = granted(&recorded, &scopes("profile email phone address"), &BTreeMap::new());
        assert_eq!(Value::Object(claims), serde_json::to_value(&recorded).unwrap());
    }
}
