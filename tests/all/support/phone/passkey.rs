//! User verification of a phone: a WebAuthn platform authenticator in software.

use super::kept::KeptPasskey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;
use webauthn_authenticator_rs::{AuthenticatorBackend, softpasskey::SoftPasskey};

const TIMEOUT_MILLISECONDS: u32 = 60_000;

/// A fingerprint reader that always verifies its user.
pub struct Passkey {
    origin: Url,
    authenticator: SoftPasskey,
    /// The kept credential, if it comes from a fixture.
    kept: Option<KeptPasskey>,
}

impl Passkey {
    /// Creates one for pages of `origin`.
    pub fn new(origin: &str) -> Self {
        let origin = Url::parse(origin).expect("a URL");
        Self { origin, authenticator: SoftPasskey::new(true), kept: None }
    }

    /// Creates one with the credential of a fixture.
    pub fn kept(origin: &str, kept: KeptPasskey) -> Self {
        Self { kept: Some(kept), ..Self::new(origin) }
    }

    /// A `RegistrationResponseJSON` for `PublicKeyCredentialCreationOptionsJSON`.
    pub fn register(&mut self, options: &Value) -> Value {
        let mut options = options.clone();
        // The software does not claim to be part of a platform.
        if let Some(selection) = options["authenticatorSelection"].as_object_mut() {
            selection.remove("authenticatorAttachment");
        }
        let options = serde_json::from_value(options).expect("creation options");
        let credential =
            self.authenticator.perform_register(self.origin.clone(), options, TIMEOUT_MILLISECONDS);
        serde_json::to_value(credential.expect("a credential")).expect("JSON")
    }

    /// The members `id`, `ad`, `cd` and `sig` of an answer's `uv`, for options without a challenge.
    pub fn verify_user(&mut self, options: &Value, challenge: &[u8]) -> Value {
        if let Some(kept) = &self.kept {
            return kept.verify_user(options, challenge);
        }
        let mut options = options.clone();
        options["challenge"] = URL_SAFE_NO_PAD.encode(challenge).into();
        let options = serde_json::from_value(options).expect("request options");
        let assertion = self.authenticator.perform_auth(self.origin.clone(), options, TIMEOUT_MILLISECONDS);
        let assertion = assertion.expect("an assertion");
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "id": encode(assertion.raw_id.as_ref()),
            "ad": encode(assertion.response.authenticator_data.as_ref()),
            "cd": encode(assertion.response.client_data_json.as_ref()),
            "sig": encode(assertion.response.signature.as_ref()),
        })
    }
}
