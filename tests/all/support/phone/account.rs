//! A phone's account and its requests for challenges (protocol §5.1, §5.2).

use super::{Phone, Problem};
use countersign::clock::Clock;
use http::Method;
use serde_json::Value;
use totp_rs::Totp;

/// The values kept from enrollment.
#[derive(Clone, Debug)]
pub struct Account {
    /// The `aud` of everything that the device signs.
    pub issuer: String,
    /// `dev_…`
    pub device_id: String,
    /// The `otpauth:` URI of the account's codes, if the policy allows them.
    pub otpauth_uri: Option<String>,
}

impl Account {
    pub(super) fn read(issuer: &str, completed: &Value) -> Self {
        let device_id =
            completed["device_id"].as_str().unwrap_or_else(|| panic!("no device_id in {completed}"));
        let otpauth_uri = completed["totp"]["otpauth_uri"].as_str().map(str::to_owned);
        Self { issuer: issuer.to_owned(), device_id: device_id.to_owned(), otpauth_uri }
    }
}

/// A challenge as fetched by the phone.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// `ch_…`
    pub cid: String,
    /// The details to show.
    pub details: Value,
    /// The whole response.
    pub whole: Value,
}

impl Phone {
    /// The open challenges, oldest first.
    pub async fn open_challenges(&mut self) -> Result<Vec<String>, Problem> {
        let answer = self.ask(Method::GET, "/device/v1/challenges?state=open", None).await?;
        let open = answer["challenges"].as_array().unwrap_or_else(|| panic!("no challenges in {answer}"));
        Ok(open.iter().filter_map(|challenge| challenge["cid"].as_str()).map(str::to_owned).collect())
    }

    /// Fetches one challenge; the server marks it as delivered.
    pub async fn fetch(&mut self, cid: &str) -> Result<Challenge, Problem> {
        let whole = self.ask(Method::GET, &format!("/device/v1/challenges/{cid}"), None).await?;
        let details = whole["details"].as_str().map(serde_json::from_str).transpose().expect("JSON text");
        Ok(Challenge { cid: cid.to_owned(), details: details.unwrap_or_default(), whole })
    }

    /// The account's code at this moment, offline.
    pub fn totp_code(&self) -> String {
        let uri = self
            .account
            .as_ref()
            .and_then(|account| account.otpauth_uri.as_deref())
            .expect("an account with codes");
        let seconds = u64::try_from(self.clock.now().unix_seconds()).expect("after 1970");
        Totp::from_url(uri).expect("an otpauth URI").generate(seconds).to_string()
    }
}
