//! The claims of an ID token (OpenID Connect Core §2, §3.1.3.6, §12.2). Signing is done by `keys`.

use super::{AccessToken, Nonce};
use crate::{clock::Timestamp, digest::sha256, directory::SigningAlgorithm};
use ::entity::ids::{BrowserSessionId, PersonId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// The values of an ID token.
#[derive(Clone, Debug)]
pub struct IdTokenInput<'a> {
    /// The issuer, exactly as discovery publishes it.
    pub issuer: &'a str,
    /// The person that the token is about.
    pub subject: PersonId,
    /// The client that the token is for.
    pub client_id: &'a str,
    /// The present instant; new at every refresh.
    pub issued_at: Timestamp,
    /// The instant at which the token expires.
    pub expires_at: Timestamp,
    /// The instant of authentication; the same at every refresh.
    pub auth_time: Timestamp,
    /// The authentication context class that was reached.
    pub acr: Option<&'a str>,
    /// The authentication methods that were used.
    pub amr: &'a [&'a str],
    /// The nonce of the authorization request; `None` at a refresh (§12.2).
    pub nonce: Option<&'a Nonce>,
    /// The browser session, for `sid` (Front-Channel Logout §3, Back-Channel Logout §2.1).
    pub session_id: Option<BrowserSessionId>,
    /// The access token that is issued together with it.
    pub access_token: &'a AccessToken,
    /// The algorithm that will sign the token.
    pub algorithm: SigningAlgorithm,
    /// The claims about the person that the client may receive.
    pub claims: Map<String, Value>,
}

/// The claims of the protocol, in the order in which discovery lists them.
pub const PROTOCOL_CLAIMS: [&str; 11] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];

/// Builds the claims of an ID token. A claim about the person never overwrites a claim of the protocol.
pub fn id_token(input: IdTokenInput<'_>) -> Map<String, Value> {
    let mut claims = input.claims;
    let mut insert = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    insert("iss", input.issuer.into());
    insert("sub", input.subject.to_string().into());
    insert("aud", input.client_id.into());
    insert("exp", input.expires_at.unix_seconds().into());
    insert("iat", input.issued_at.unix_seconds().into());
    insert("auth_time", input.auth_time.unix_seconds().into());
    insert("at_hash", at_hash(input.access_token, input.algorithm).into());
    // An empty `acr` is left out: a client would take it for a value.
    if let Some(acr) = input.acr.filter(|acr| !acr.is_empty()) {
        insert("acr", acr.into());
    }
    if !input.amr.is_empty() {
        insert("amr", input.amr.into());
    }
    if let Some(nonce) = input.nonce {
        insert("nonce", nonce.as_str().into());
    }
    if let Some(session_id) = input.session_id {
        insert("sid", session_id.to_string().into());
    }
    claims
}

/// Returns the left half of the access token's hash, by the hash function of the signature algorithm
/// (§3.1.3.6). For Ed25519 that is SHA-512, which the signature itself uses (RFC 8032 §5.1).
fn at_hash(token: &AccessToken, algorithm: SigningAlgorithm) -> String {
    let token = token.reveal().as_bytes();
    let hash = match algorithm {
        SigningAlgorithm::RS256 | SigningAlgorithm::ES256 => sha256(token).to_vec(),
        SigningAlgorithm::EdDsa => {
            aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, token).as_ref().to_vec()
        }
    };
    let (left, _) = hash.split_at(hash.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn access_token() -> AccessToken {
        AccessToken::parse(&format!("cs_at_{}", "t".repeat(43))).unwrap()
    }

    fn input<'a>(access_token: &'a AccessToken, nonce: Option<&'a Nonce>) -> IdTokenInput<'a> {
        IdTokenInput {
            issuer: "https://id.example",
            subject: "per_AAAAAAAAAAAAAAAAAAAABQ".parse().unwrap(),
            client_id: "rp-1",
            issued_at: Timestamp(10_999),
            expires_at: Timestamp(610_999),
            auth_time: Timestamp(5_500),
            acr: Some("2fa"),
            amr: &["pwd", "pop", "swk", "user", "mfa"],
            nonce,
            session_id: "ses_AAAAAAAAAAAAAAAAAAAABg".parse().ok(),
            access_token,
            algorithm: SigningAlgorithm::RS256,
            claims: Map::new(),
        }
    }

    #[test]
    fn an_id_token_has_the_claims_that_core_requires() {
        let (access_token, nonce) = (access_token(), Nonce::parse("n-0S6_WzA2Mj").unwrap());
        let mut claims = id_token(input(&access_token, Some(&nonce)));
        assert!(claims.len() == PROTOCOL_CLAIMS.len());
        assert!(PROTOCOL_CLAIMS.iter().all(|name| claims.contains_key(*name)), "discovery lists all of them");
        assert_eq!(claims.remove("at_hash").unwrap().as_str().unwrap().len(), 22);
        let expected = json!({
            "iss": "https://id.example", "sub": "per_AAAAAAAAAAAAAAAAAAAABQ", "aud": "rp-1", "exp": 610, "iat": 10,
            "auth_time": 5, "acr": "2fa", "amr": ["pwd", "pop", "swk", "user", "mfa"], "nonce": "n-0S6_WzA2Mj",
            "sid": "ses_AAAAAAAAAAAAAAAAAAAABg",
        });
        assert_eq!(Value::Object(claims), expected);
    }

    #[test]
    fn absent_values_are_left_out() {
        let access_token = access_token();
        let sparse = IdTokenInput { acr: Some(""), amr: &[], session_id: None, ..input(&access_token, None) };
        let claims = id_token(sparse);
        for absent in ["acr", "amr", "nonce", "sid", "azp"] {
            assert!(!claims.contains_key(absent), "{absent}");
        }
    }

    #[test]
    fn a_claim_about_the_person_never_overwrites_a_protocol_claim() {
        let access_token = access_token();
        let claims = json!({ "sub": "mallory", "aud": "rp-2", "email": "ada@example.com" });
        let claims = claims.as_object().unwrap().clone();
        let claims = id_token(IdTokenInput { claims, ..input(&access_token, None) });
        assert_eq!(claims["sub"], "per_AAAAAAAAAAAAAAAAAAAABQ");
        assert_eq!(claims["aud"], "rp-1");
        assert_eq!(claims["email"], "ada@example.com");
    }

    #[test]
    fn at_hash_is_the_left_half_of_the_algorithm_s_hash() {
        let length = |algorithm| URL_SAFE_NO_PAD.decode(at_hash(&access_token(), algorithm)).unwrap().len();
        assert_eq!(length(SigningAlgorithm::RS256), 16);
        assert_eq!(length(SigningAlgorithm::ES256), 16);
        assert_eq!(length(SigningAlgorithm::EdDsa), 32);
        let left = URL_SAFE_NO_PAD.encode(&sha256(access_token().reveal().as_bytes())[..16]);
        assert_eq!(at_hash(&access_token(), SigningAlgorithm::ES256), left);
    }
}
