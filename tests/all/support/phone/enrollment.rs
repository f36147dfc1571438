//! A phone's enrollment (protocol §4).

use super::{Account, Phone, Problem, request};
use countersign::clock::Clock;
use http::Method;
use serde_json::{Value, json};

/// The input of the person.
#[derive(Clone, Debug)]
pub enum Claim {
    /// The scanned link's enrollment and secret.
    Link {
        /// `enr_…`
        enrollment: String,
        /// 43 characters of base64url.
        secret: String,
    },
    /// The typed code.
    Code(String),
}

impl Claim {
    /// Reads the link that the QR code carries: `<authenticator-url>enroll#1.<enr_id>.<secret>`, and the
    /// path of a workspace that is not served at the root.
    pub fn scan(link: &str) -> Self {
        let (_, fragment) =
            link.split_once("enroll#").unwrap_or_else(|| panic!("not an enrollment link: {link}"));
        let (fragment, _) = fragment.split_once('/').unwrap_or((fragment, ""));
        let parts: Vec<&str> = fragment.split('.').collect();
        let ["1", enrollment, secret] = parts[..] else { panic!("expected 1.<enrollment>.<secret>: {link}") };
        Self::Link { enrollment: enrollment.to_owned(), secret: secret.to_owned() }
    }
}

/// The server's offer to the key that claimed.
#[derive(Clone, Debug)]
pub struct Offer {
    /// `enr_…`
    pub enrollment: String,
    /// The `aud` of everything that the device signs.
    pub issuer: String,
    /// The whole offer.
    pub whole: Value,
}

impl Phone {
    /// Locks the enrollment to this phone's key.
    pub async fn claim(&mut self, claim: &Claim) -> Result<Offer, Problem> {
        let app = json!({"kind": "other", "version": "1.0", "platform": "Test"});
        let body = match claim {
            Claim::Link { enrollment, secret } => {
                json!({"enrollment": enrollment, "secret": secret, "app": app})
            }
            Claim::Code(code) => json!({"code": code, "app": app}),
        };
        let whole =
            self.prove_and_send(Method::POST, "/device/v1/enrollments/claim", Some(&body), true).await?;
        let text =
            |name: &str| whole[name].as_str().unwrap_or_else(|| panic!("no {name} in {whole}")).to_owned();
        Ok(Offer { enrollment: text("enrollment"), issuer: text("issuer"), whole })
    }

    /// Registers the key, the transport and, if the phone has it, user verification. Returns the confirmation
    /// code for the browser.
    pub async fn complete(&mut self, offer: &Offer, transport: &Value) -> Result<String, Problem> {
        let completed = self.complete_whole(offer, transport).await?;
        let code = completed["confirmation_code"].as_str();
        Ok(code.unwrap_or_else(|| panic!("no confirmation code in {completed}")).to_owned())
    }

    /// Registers like [`Phone::complete`]; returns the whole response.
    pub async fn complete_whole(&mut self, offer: &Offer, transport: &Value) -> Result<Value, Problem> {
        let options = &offer.whole["webauthn"];
        let uv = match &mut self.passkey {
            Some(passkey) if !options.is_null() => passkey.register(options),
            _ => Value::Null,
        };
        let payload = json!({
            "aud": offer.issuer,
            "enr": offer.enrollment,
            "nonce": offer.whole["nonce"],
            "jwk": self.key.jwk(),
            "name": "Test phone",
            "platform": "Test",
            "transport": transport,
            "uv": uv,
            "persisted": true,
            "iat": self.clock.now().unix_seconds(),
        });
        let jws = self.key.sign(&self.header("countersign-enroll+jwt"), &payload);
        let path = format!("/device/v1/enrollments/{}/complete", offer.enrollment);
        let body = json!({"jws": jws}).to_string().into();
        let request = request(&self.origin, &Method::POST, &path, &body).body(body).expect("a request");
        let completed = self.send(request).await?;
        self.account = Some(Account::read(&offer.issuer, &completed));
        Ok(completed)
    }

    /// Creates a credential for these options with the phone's software passkey.
    pub fn register_passkey(&mut self, options: &Value) -> Value {
        self.passkey.as_mut().expect("a phone with a fingerprint reader").register(options)
    }

    /// The enrollment's state: `confirmed` after the person typed the code.
    pub async fn enrollment_state(&mut self, offer: &Offer) -> Result<String, Problem> {
        let path = format!("/device/v1/enrollments/{}", offer.enrollment);
        let answer = self.prove_and_send(Method::GET, &path, None, true).await?;
        Ok(answer["state"].as_str().unwrap_or_default().to_owned())
    }
}
