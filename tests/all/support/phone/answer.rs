//! A phone's answers (protocol §5.3).

use super::{Challenge, Phone, Problem, hash, request};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::clock::Clock;
use http::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};

/// The person's decision.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// They typed this number.
    Approve(&'a str),
    /// They scanned this text within the authenticator.
    Scan(&'a str),
    /// They deny.
    Deny,
    /// They report it with this reason: `not_me` or `unsure`.
    Report(&'a str),
}

/// A signed answer that is not sent yet, for races and repeats.
#[derive(Clone, Debug)]
pub struct SignedAnswer {
    origin: String,
    path: String,
    body: Bytes,
}

impl Phone {
    /// Answers a challenge that the phone has fetched.
    pub async fn answer(&mut self, challenge: &Challenge, act: Act<'_>) -> Result<String, Problem> {
        let answer = self.sign(&challenge.cid, Some(challenge), act);
        self.post(&answer).await
    }

    /// Answers a challenge without fetching it, like a button of a notification.
    pub async fn answer_unseen(&mut self, cid: &str, act: Act<'_>) -> Result<String, Problem> {
        let answer = self.sign(cid, None, act);
        self.post(&answer).await
    }

    /// Signs an answer. The counter grows with every one.
    pub fn sign(&mut self, cid: &str, fetched: Option<&Challenge>, act: Act<'_>) -> SignedAnswer {
        self.counter += 1;
        self.sign_counted(cid, fetched, act, self.counter)
    }

    /// Signs an answer with the given counter, like a copy of the phone.
    pub fn sign_counted(
        &mut self,
        cid: &str,
        fetched: Option<&Challenge>,
        act: Act<'_>,
        counter: u64,
    ) -> SignedAnswer {
        let account = self.account.clone().expect("an enrolled phone");
        let mut core = json!({
            "aud": account.issuer,
            "iss": account.device_id,
            "cid": cid,
            "iat": self.clock.now().unix_seconds(),
            "ctr": counter,
        });
        if let Some(challenge) = fetched {
            core["chn"] = challenge.whole["chn"].clone();
            core["dh"] = hash(challenge.whole["details"].as_str().unwrap_or_default().as_bytes()).into();
        }
        match act {
            Act::Approve(number) => (core["act"], core["num"]) = ("approve".into(), number.into()),
            Act::Scan(text) => (core["act"], core["qr"]) = ("approve".into(), scanned(cid, text).into()),
            Act::Deny => core["act"] = "deny".into(),
            Act::Report(why) => (core["act"], core["why"]) = ("report".into(), why.into()),
        }
        let uv_options = fetched.map(|challenge| &challenge.whole["uv"]["options"]);
        let uv_options =
            uv_options.filter(|options| matches!(act, Act::Approve(_) | Act::Scan(_)) && !options.is_null());
        let jws = self.seal(&core.to_string(), uv_options);
        let path = format!("/device/v1/challenges/{cid}/answer");
        SignedAnswer { origin: self.origin.clone(), path, body: json!({"jws": jws}).to_string().into() }
    }

    /// Sends a signed answer; the same bytes each time. Returns the challenge's state.
    pub async fn post(&self, answer: &SignedAnswer) -> Result<String, Problem> {
        let SignedAnswer { origin, path, body } = answer;
        let request = request(origin, &Method::POST, path, body).body(body.clone()).expect("a request");
        let response = self.http_client.send(request).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        if response.status().is_success() {
            return Ok(body["state"].as_str().unwrap_or_default().to_owned());
        }
        Err(Problem::read(response.status(), body))
    }

    /// The assertion signs the core's bytes, and the device key signs both.
    fn seal(&mut self, core: &str, uv_options: Option<&Value>) -> String {
        let mut payload = json!({"core": URL_SAFE_NO_PAD.encode(core)});
        if let (Some(options), Some(passkey)) = (uv_options, &mut self.passkey) {
            let signed = [b"countersign-uv\0".as_slice(), core.as_bytes()].concat();
            payload["uv"] = passkey.verify_user(options, digest(&SHA256, &signed).as_ref());
        }
        self.key.sign(&self.header("countersign-answer+jwt"), &payload)
    }
}

/// Protocol §5.3: the nonce after the challenge's id in the QR code. A phone sends no code of another
/// challenge.
fn scanned<'a>(cid: &str, text: &'a str) -> &'a str {
    let (_, fragment) = text.split_once("#c=").unwrap_or_else(|| panic!("no QR code of a challenge: {text}"));
    let (named, nonce) = fragment.split_once('.').expect("a challenge and a nonce");
    assert_eq!(named, cid, "the QR code is of another challenge");
    nonce
}
