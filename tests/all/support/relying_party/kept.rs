//! The requests and tokens that an application of a fixture has kept.

use super::{Ask, RelyingParty, Tokens};
use serde_json::Value;

impl RelyingParty {
    /// The authorization request that a fixture describes as `kept`.
    pub async fn kept_ask(&self, kept: &Value) -> Ask {
        let parameters = serde_json::from_value(kept["parameters"].clone()).expect("parameters");
        let verifier = kept["verifier"].as_str().expect("a verifier").to_owned();
        Ask { endpoint: self.endpoint("authorization_endpoint").await, parameters, verifier }
    }
}

impl Tokens {
    /// The tokens that a fixture describes as `kept`.
    pub fn kept(kept: &Value) -> Self {
        let text = |name: &str| kept[name].as_str().map(str::to_owned);
        Self {
            access_token: text("access_token").expect("an access token"),
            refresh_token: text("refresh_token"),
            id_token: text("id_token").expect("an ID token"),
            claims: kept["claims"].clone(),
            answer: Value::Null,
        }
    }
}
