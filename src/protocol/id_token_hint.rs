//! An ID token issued by this server and sent back as a hint (OpenID Connect Core §3.1.2.1, RP-Initiated
//! Logout §2).

use super::checked_text::checked_text;
use ::entity::ids::{BrowserSessionId, PersonId};
use serde_json::{Map, Value};
use std::fmt;

checked_text! {
    /// An `id_token_hint` with an unverified signature; it may only be passed to verification.
    UnverifiedIdTokenHint, |text: &str| {
        text.len() <= UnverifiedIdTokenHint::MAX_BYTES && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

impl UnverifiedIdTokenHint {
    /// The longest accepted hint, in bytes.
    pub const MAX_BYTES: usize = 8192;
}

/// Hides the value, which is personal data.
impl fmt::Debug for UnverifiedIdTokenHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedIdTokenHint")
    }
}

/// The content of an ID token with a verified signature of this server. It may have expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdTokenHint {
    /// The client that the token was issued to.
    pub client_id: String,
    /// The person that the token is about.
    pub subject: PersonId,
    /// The browser session in which the token was issued.
    pub session_id: Option<BrowserSessionId>,
}

impl IdTokenHint {
    /// Reads the claims of a token with a verified signature; `None` when `issuer` did not issue them.
    pub fn from_verified_claims(claims: &Map<String, Value>, issuer: &str) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let is_ours = text("iss") == Some(issuer);
        let hint = Self {
            client_id: audience(claims.get("aud")?)?.to_owned(),
            subject: text("sub")?.parse().ok()?,
            session_id: text("sid").and_then(|sid| sid.parse().ok()),
        };
        is_ours.then_some(hint)
    }
}

/// Reads `aud`: this server names one client, and a list of one is equivalent (RFC 7519 §4.1.3).
fn audience(aud: &Value) -> Option<&str> {
    match aud {
        Value::String(client_id) => Some(client_id),
        Value::Array(list) => match list.as_slice() {
            [Value::String(client_id)] => Some(client_id),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "https://id.example";

    fn read(claims: Value) -> Option<IdTokenHint> {
        IdTokenHint::from_verified_claims(claims.as_object().unwrap(), ISSUER)
    }

    fn claims() -> Value {
        json!({
            "iss": ISSUER, "aud": "rp-1", "sub": "per_AAAAAAAAAAAAAAAAAAAABQ", "sid": "ses_AAAAAAAAAAAAAAAAAAAABg",
            "exp": 1, "iat": 0,
        })
    }

    #[test]
    fn an_expired_token_of_this_issuer_is_still_a_hint() {
        let hint = read(claims()).unwrap();
        assert_eq!(hint.client_id, "rp-1");
        assert_eq!(hint.subject.to_string(), "per_AAAAAAAAAAAAAAAAAAAABQ");
        assert!(hint.session_id.is_some());
    }

    #[test]
    fn a_token_of_another_issuer_or_with_a_claim_of_another_type_is_no_hint() {
        for (name, wrong) in [
            ("iss", json!("https://id.example/")),
            ("iss", json!(null)),
            ("aud", json!(["rp-1", "rp-2"])),
            ("aud", json!(1)),
            ("aud", json!([])),
            ("sub", json!("ada")),
            ("sub", json!(5)),
            ("sub", json!("cli_AAAAAAAAAAAAAAAAAAAABQ")),
        ] {
            let mut claims = claims();
            claims[name] = wrong.clone();
            assert_eq!(read(claims), None, "{name} {wrong}");
        }
        let mut list = claims();
        list["aud"] = json!(["rp-1"]);
        assert_eq!(read(list), read(claims()));
    }

    #[test]
    fn a_hint_has_a_maximum_length() {
        assert!(UnverifiedIdTokenHint::parse("eyJ.eyJ.").is_some());
        assert!(UnverifiedIdTokenHint::parse(&"x".repeat(8193)).is_none());
        assert!(UnverifiedIdTokenHint::parse("a b").is_none());
    }
}
