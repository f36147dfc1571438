//! A phone with an authenticator: keeps a key, claims enrollments, answers challenges; knows only the
//! responses.
//!
//! Spec: `docs/authenticator-protocol.md`, RFC 7515, WebAuthn (by a software passkey), RFC 6238.

mod account;
mod answer;
mod enrollment;
mod kept;
mod passkey;
mod tests;

pub use account::{Account, Challenge};
pub use answer::{Act, SignedAnswer};
pub use enrollment::{Claim, Offer};

use super::{fixed_clock::FixedClock, http_client::HttpClient, signing_key::SigningKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::clock::Clock;
use http::{Method, Request, StatusCode, header};
use hyper::body::Bytes;
use passkey::Passkey;
use serde_json::{Value, json};

/// One installation of an authenticator.
pub struct Phone {
    http_client: HttpClient,
    clock: FixedClock,
    /// The origin of the device API, which is that of the authenticator's URL.
    origin: String,
    pub key: SigningKey,
    nonce: Option<String>,
    counter: u64,
    passkey: Option<Passkey>,
    /// Its account, once enrolled.
    pub account: Option<Account>,
}

/// A problem document (RFC 9457), or only the status of another response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code that programs branch on.
    pub code: String,
    /// The state of the requested object, if the problem has it.
    pub state: Option<String>,
    /// The reason why a push endpoint is refused, if the problem has it.
    pub reason: Option<String>,
    /// The whole document; null if the body is not JSON.
    pub document: Value,
}

impl Problem {
    fn read(status: StatusCode, body: Value) -> Self {
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let (code, state, reason) = (text("code").unwrap_or_default(), text("state"), text("reason"));
        Self { status, code, state, reason, document: body }
    }
}

impl Phone {
    /// A phone without a fingerprint reader; `origin` is that of the authenticator's URL.
    pub fn new(http_client: HttpClient, clock: FixedClock, origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        let key = SigningKey::generate();
        Self { http_client, clock, origin, key, nonce: None, counter: 0, passkey: None, account: None }
    }

    /// Adds a software passkey that verifies the user.
    pub fn with_fingerprint_reader(mut self) -> Self {
        self.passkey = Some(Passkey::new(&self.origin));
        self
    }

    /// The key's thumbprint.
    pub fn kid(&self) -> String {
        self.key.thumbprint()
    }

    /// Sends a request with a device proof; repeats it once with a fresh nonce if the server requires one.
    pub async fn ask(&mut self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Problem> {
        self.prove_and_send(method, path, body, false).await
    }

    async fn prove_and_send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        shows_key: bool,
    ) -> Result<Value, Problem> {
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        for is_second in [false, true] {
            let proof = self.proof(&method, path, &body, shows_key);
            let request = request(&self.origin, &method, path, &body).header("device-proof", proof);
            let answer = self.send(request.body(body.clone()).expect("a request")).await;
            match answer {
                Err(problem) if problem.code == "use_nonce" && !is_second => {}
                answer => return answer,
            }
        }
        unreachable!("the second response is always returned")
    }

    /// A JWS of the protocol by the phone's key.
    pub fn sign_as(&self, typ: &str, payload: &Value) -> String {
        self.key.sign(&self.header(typ), payload)
    }

    /// The key's public half.
    pub fn jwk(&self) -> Value {
        self.key.jwk()
    }

    /// Protocol §3: the proof of a request, with the server's nonce, so that the phone's clock does not
    /// matter.
    pub fn proof(&self, method: &Method, path: &str, body: &[u8], shows_key: bool) -> String {
        let path = path.split('?').next().unwrap_or(path);
        let mut payload = json!({
            "htm": method.as_str(),
            "htu": format!("{}{path}", self.origin),
            "iat": self.clock.now().unix_seconds(),
        });
        if let Some(nonce) = &self.nonce {
            payload["nonce"] = nonce.as_str().into();
        }
        if method != Method::GET {
            payload["bh"] = hash(body).into();
        }
        let mut header = self.header("countersign-proof+jwt");
        if shows_key {
            header["jwk"] = self.key.jwk();
        }
        self.key.sign(&header, &payload)
    }

    fn header(&self, typ: &str) -> Value {
        json!({"alg": "ES256", "typ": typ, "kid": self.key.thumbprint()})
    }

    async fn send(&mut self, request: Request<Bytes>) -> Result<Value, Problem> {
        let response = self.http_client.send(request).await;
        if let Some(nonce) = response.headers().get("device-nonce") {
            self.nonce = Some(nonce.to_str().expect("text").to_owned());
        }
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        if response.status().is_success() { Ok(body) } else { Err(Problem::read(response.status(), body)) }
    }
}

fn request(origin: &str, method: &Method, path: &str, body: &Bytes) -> http::request::Builder {
    let request = Request::builder().method(method.clone()).uri(format!("{origin}{path}"));
    if body.is_empty() { request } else { request.header(header::CONTENT_TYPE, "application/json") }
}

/// b64u(SHA-256(bytes)).
fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}
