//! The `claims` parameter (OpenID Connect Core §5.5): individually requested claims, with or without scopes.

use super::{AcrValue, ScopeSet, claim_names::scope_of};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The longest accepted text, in bytes. With `MAX_DEPTH` it bounds the parser's time and stack.
const MAX_BYTES: usize = 4096;
/// Nesting: the parameter, a member, a claim, its value, and a value with a structure of its own.
const MAX_DEPTH: usize = 8;

/// The requested claims, by the place where they are returned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsParameter {
    /// The claims requested for userinfo.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, ClaimRequest>,
    /// The claims requested for the ID token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, ClaimRequest>,
}

/// The request for one claim (§5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the client marks the claim as essential.
    #[serde(default)]
    pub is_essential: bool,
    /// The preferred values, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

/// The requested authentication contexts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimsAcr {
    /// The values in order of preference, never empty.
    pub values: Vec<AcrValue>,
    /// Whether reaching none of them fails the sign-in (§5.5.1.1).
    pub is_essential: bool,
}

impl ClaimsParameter {
    /// Reads the JSON text; the error describes the expected form.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_BYTES {
            return Err("expected at most 4096 bytes");
        }
        if depth(text) > MAX_DEPTH {
            return Err("expected at most 8 levels");
        }
        let value: Value = serde_json::from_str(text).map_err(|_| "expected JSON")?;
        if has_null_character(&value) {
            return Err("expected text without U+0000");
        }
        let Value::Object(members) = value else { return Err("expected a JSON object") };
        let parameter = Self {
            userinfo: requests(members.get("userinfo"))?,
            id_token: requests(members.get("id_token"))?,
        };
        parameter.check_values()?;
        Ok(parameter)
    }

    /// Whether no claim is requested.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// Returns the `acr` requested for the ID token, if it lists values.
    pub fn acr(&self) -> Option<ClaimsAcr> {
        let request = self.id_token.get("acr")?;
        let values = request.values.iter().filter_map(Value::as_str).filter_map(AcrValue::parse).collect();
        let acr = ClaimsAcr { values, is_essential: request.is_essential };
        (!acr.values.is_empty()).then_some(acr)
    }

    /// Returns the people of whom one must sign in (§5.5.1), by `sub` in the ID token and in userinfo; `None`
    /// when anyone may.
    pub fn subjects(&self) -> Option<BTreeSet<&str>> {
        let requests = [self.id_token.get("sub"), self.userinfo.get("sub")];
        let named = requests.into_iter().flatten().filter(|request| !request.values.is_empty());
        let named = named.map(|request| request.values.iter().filter_map(Value::as_str).collect());
        named.reduce(|one: BTreeSet<&str>, other| one.intersection(&other).copied().collect())
    }

    /// Returns the scopes of the requested claims, to which the person must consent as well.
    pub fn scopes(&self) -> ScopeSet {
        self.userinfo.keys().chain(self.id_token.keys()).filter_map(|name| scope_of(name)).collect()
    }

    /// `acr` and `sub` decide about the sign-in, so their values must have comparable types.
    fn check_values(&self) -> Result<(), &'static str> {
        let values = |name| {
            let requests = [self.id_token.get(name), self.userinfo.get(name)];
            requests.into_iter().flatten().flat_map(|request| &request.values)
        };
        let is_acr = |value: &Value| value.as_str().and_then(AcrValue::parse).is_some();
        if !values("acr").all(is_acr) {
            return Err("expected the values of acr to be names without spaces");
        }
        if !values("sub").all(Value::is_string) {
            return Err("expected the values of sub to be strings");
        }
        Ok(())
    }
}

/// Counts the nesting of brackets before anything is built. Brackets in strings only make the count higher.
fn depth(text: &str) -> usize {
    let deeper = |(depth, deepest): (usize, usize), byte: u8| match byte {
        b'{' | b'[' => (depth + 1, deepest.max(depth + 1)),
        b'}' | b']' => (depth.saturating_sub(1), deepest),
        _ => (depth, deepest),
    };
    text.bytes().fold((0, 0), deeper).1
}

/// Whether U+0000 occurs in a name or a value: PostgreSQL cannot store it.
fn has_null_character(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_null_character),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || has_null_character(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn requests(member: Option<&Value>) -> Result<BTreeMap<String, ClaimRequest>, &'static str> {
    match member {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(claims)) => {
            claims.iter().map(|(name, how)| Ok((name.clone(), request(how)?))).collect()
        }
        Some(_) => Err("expected userinfo and id_token to be objects"),
    }
}

/// Unknown members are ignored (§5.5.1).
fn request(how: &Value) -> Result<ClaimRequest, &'static str> {
    match how {
        Value::Null => Ok(ClaimRequest::default()),
        Value::Object(members) => {
            Ok(ClaimRequest { is_essential: is_essential(members)?, values: values(members)? })
        }
        _ => Err("expected every claim to be null or an object"),
    }
}

fn is_essential(members: &Map<String, Value>) -> Result<bool, &'static str> {
    match members.get("essential") {
        None => Ok(false),
        Some(essential) => essential.as_bool().ok_or("expected essential to be true or false"),
    }
}

fn values(members: &Map<String, Value>) -> Result<Vec<Value>, &'static str> {
    match (members.get("value"), members.get("values")) {
        (None, None) => Ok(Vec::new()),
        (Some(value), None) => Ok(vec![value.clone()]),
        (None, Some(Value::Array(values))) => Ok(values.clone()),
        (None, Some(_)) => Err("expected values to be an array"),
        (Some(_), Some(_)) => Err("expected value or values, not both"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_openid_connect_core_is_read() {
        let parameter = ClaimsParameter::parse(
            r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"email":{"essential":true},
                "email_verified":{"essential":true},"picture":null,"http://example.info/claims/groups":null},
                "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}}"#,
        )
        .unwrap();
        assert!(parameter.userinfo["given_name"].is_essential);
        assert!(!parameter.userinfo["nickname"].is_essential);
        assert!(parameter.id_token["auth_time"].is_essential);
        assert_eq!(parameter.acr().unwrap().values[0].as_str(), "urn:mace:incommon:iap:silver");
        assert!(!parameter.acr().unwrap().is_essential);
        assert_eq!(parameter.scopes().to_string(), "profile email");
    }

    #[test]
    fn a_subject_is_accepted_when_both_members_list_it() {
        for (text, expected) in [
            (r#"{"id_token":{"sub":{"values":["a","b"]}}}"#, Some(vec!["a", "b"])),
            (
                r#"{"id_token":{"sub":{"values":["a","b"]}},"userinfo":{"sub":{"value":"b"}}}"#,
                Some(vec!["b"]),
            ),
            (r#"{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}"#, Some(vec![])),
            (r#"{"id_token":{"sub":{"essential":true}},"userinfo":{"sub":{"value":"b"}}}"#, Some(vec!["b"])),
            (r#"{"id_token":{"sub":null},"userinfo":{"sub":{"values":[]}}}"#, None),
        ] {
            let parameter = ClaimsParameter::parse(text).unwrap();
            assert_eq!(parameter.subjects(), expected.map(|names| names.into_iter().collect()), "{text}");
        }
    }

    #[test]
    fn an_essential_acr_and_a_subject_are_read() {
        let parameter = ClaimsParameter::parse(
            r#"{"id_token":{"acr":{"essential":true,"value":"2fa"},"sub":{"value":"per_x"}},"other":[1]}"#,
        )
        .unwrap();
        let acr = parameter.acr().unwrap();
        assert!(acr.is_essential);
        assert_eq!(acr.values[0].as_str(), "2fa");
        assert_eq!(parameter.subjects(), Some(BTreeSet::from(["per_x"])));
        assert_eq!(ClaimsParameter::parse(r#"{"id_token":{"acr":null}}"#).unwrap().acr(), None);
    }

    #[test]
    fn unknown_members_are_ignored_and_an_absent_half_is_empty() {
        for text in ["{}", r#"{"x":1}"#, r#"{"userinfo":{}}"#, r#"{"id_token":null}"#] {
            assert!(ClaimsParameter::parse(text).unwrap().is_empty(), "{text}");
        }
        let parameter = ClaimsParameter::parse(r#"{"userinfo":{"name":{"purpose":"fun"}}}"#).unwrap();
        assert_eq!(parameter.userinfo["name"], ClaimRequest::default());
    }

    #[test]
    fn wrong_types_are_refused() {
        for wrong in [
            "",
            "x",
            "null",
            "[]",
            "1",
            "\"x\"",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":"name"}"#,
            r#"{"id_token":1}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":"x"}}"#,
            r#"{"userinfo":{"name":[]}}"#,
            r#"{"userinfo":{"name":{"essential":"true"}}}"#,
            r#"{"userinfo":{"name":{"essential":null}}}"#,
            r#"{"userinfo":{"name":{"values":"x"}}}"#,
            r#"{"userinfo":{"name":{"value":"x","values":["x"]}}}"#,
            r#"{"id_token":{"acr":{"value":2}}}"#,
            r#"{"id_token":{"acr":{"values":["2 fa"]}}}"#,
            r#"{"id_token":{"sub":{"value":1}}}"#,
            r#"{"userinfo":{}}x"#,
            "{\"userinfo\":{},}",
        ] {
            assert!(ClaimsParameter::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn oversized_and_deeply_nested_texts_are_refused_before_anything_is_built() {
        let nested = |open: &str, close: &str, times| {
            format!(r#"{{"userinfo":{{"name":{{"value":{}1{}}}}}}}"#, open.repeat(times), close.repeat(times))
        };
        assert!(ClaimsParameter::parse(&nested("[", "]", 5)).is_ok());
        for bomb in [
            nested("[", "]", 6),
            nested("[", "]", 1000),
            nested("{\"a\":", "}", 1000),
            "[".repeat(1_000_000),
            "{\"a\":".repeat(1000),
            format!(r#"{{"x":"{}"}}"#, "x".repeat(1_000_000)),
            format!("{{\"x\":{}}}", "9".repeat(1_000_000)),
        ] {
            assert!(ClaimsParameter::parse(&bomb).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[\\[\\]{}\":,a-z0-9 ]{0,200}") {
            let _ = ClaimsParameter::parse(&text);
        }

        #[test]
        fn a_parsed_parameter_survives_storage(names in proptest::collection::btree_set("[a-z_]{1,12}", 0..9)) {
            let claims: Vec<_> = names.iter().map(|name| format!(r#""{name}":{{"essential":true}}"#)).collect();
            let parameter = ClaimsParameter::parse(&format!(r#"{{"userinfo":{{{}}}}}"#, claims.join(","))).unwrap();
            prop_assert_eq!(parameter.userinfo.len(), names.len());
            let stored = serde_json::to_string(&parameter).unwrap();
            prop_assert_eq!(serde_json::from_str::<ClaimsParameter>(&stored).unwrap(), parameter);
        }
    }
}
