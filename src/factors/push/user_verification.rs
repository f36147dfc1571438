//! User verification by the device: a WebAuthn assertion over the hash of the exact answer.

use super::text::{b64u, from_b64u};
use crate::digest::sha256;
use crate::entropy::Entropy;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PasskeyRegistration, Url, Uuid};
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential, WebauthnBuilder};
use webauthn_rs_proto::{AuthenticatorAttachment, ResidentKeyRequirement};

/// A WebAuthn platform credential for verifying the user of one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UvCredential(Passkey);

impl UvCredential {
    /// The credential's id in base64url.
    pub fn id(&self) -> String {
        b64u(self.0.cred_id())
    }
}

/// The assertion in an answer, each member in base64url.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Assertion {
    /// The credential's id.
    pub id: String,
    /// `authenticatorData`.
    pub ad: String,
    /// `clientDataJSON`.
    pub cd: String,
    /// `signature`.
    pub sig: String,
}

/// The error for an invalid registration or assertion, and for an origin that WebAuthn does not support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotVerified;

/// Requests and verifies user verification for the authenticator's origin.
#[derive(Clone, Debug)]
pub struct UserVerifier {
    webauthn: webauthn_rs::Webauthn,
}

/// A registration in progress.
#[derive(Clone, Debug)]
pub struct Registration {
    /// `PublicKeyCredentialCreationOptionsJSON`, for the device.
    pub options: Value,
    /// The state for [`UserVerifier::finish_registration`], kept in the enrollment's row. The caller limits
    /// its age and uses it once.
    pub ceremony: Value,
}

impl UserVerifier {
    /// Creates a verifier for the authenticator at `origin`; fails for an IP address, which cannot be an RP
    /// ID (WebAuthn §5.1.2).
    pub fn new(origin: &str, name: &str) -> Result<Self, NotVerified> {
        let url = Url::parse(origin).map_err(|_| NotVerified)?;
        let rp_id = url.domain().ok_or(NotVerified)?;
        let builder = WebauthnBuilder::new(rp_id, &url).map_err(|_| NotVerified)?;
        let webauthn = builder.rp_name(name).build().map_err(|_| NotVerified)?;
        Ok(Self { webauthn })
    }

    /// Begins a registration. Each has a new user handle, because a credential with the same handle would
    /// replace that of an earlier device in the same credential manager.
    pub fn begin_registration(
        &self,
        account: &str,
        entropy: &dyn Entropy,
    ) -> Result<Registration, NotVerified> {
        let handle = Uuid::from_bytes(entropy.bytes());
        let name = format!("Approve sign-ins – {account}");
        let (mut creation, state) =
            self.webauthn.start_passkey_registration(handle, &name, &name, None).map_err(|_| NotVerified)?;
        let selection = creation.public_key.authenticator_selection.get_or_insert_default();
        selection.authenticator_attachment = Some(AuthenticatorAttachment::Platform);
        selection.resident_key = Some(ResidentKeyRequirement::Discouraged);
        Ok(Registration { options: to_json(&creation.public_key)?, ceremony: to_json(&state)? })
    }

    /// Verifies the device's `RegistrationResponseJSON` and returns the credential to store.
    pub fn finish_registration(
        &self,
        response: &Value,
        ceremony: &Value,
    ) -> Result<UvCredential, NotVerified> {
        let response = RegisterPublicKeyCredential::deserialize(response).map_err(|_| NotVerified)?;
        let state = PasskeyRegistration::deserialize(ceremony).map_err(|_| NotVerified)?;
        let passkey =
            self.webauthn.finish_passkey_registration(&response, &state).map_err(|_| NotVerified)?;
        Ok(UvCredential(passkey))
    }

    /// Builds `PublicKeyCredentialRequestOptionsJSON` without a challenge: the device computes [`challenge`]
    /// of its answer.
    pub fn request_options(&self, credential: &UvCredential) -> Result<Value, NotVerified> {
        let (request, _) = self
            .webauthn
            .start_passkey_authentication(std::slice::from_ref(&credential.0))
            .map_err(|_| NotVerified)?;
        let mut options = to_json(&request.public_key)?;
        let members = options.as_object_mut().ok_or(NotVerified)?;
        members.remove("challenge");
        members.insert("hints".into(), json!(["client-device"]));
        Ok(options)
    }

    /// Verifies that `credential` asserted exactly `core`: type, challenge, origin, relying party, user
    /// presence, user verification, signature, and an increased counter. Returns the credential to store.
    pub fn verify(
        &self,
        credential: &UvCredential,
        assertion: &Assertion,
        core: &[u8],
    ) -> Result<UvCredential, NotVerified> {
        refuse_other_frames(&assertion.cd)?;
        let response = PublicKeyCredential::deserialize(json!({
            "id": assertion.id,
            "rawId": assertion.id,
            "type": "public-key",
            "response": {
                "authenticatorData": assertion.ad,
                "clientDataJSON": assertion.cd,
                "signature": assertion.sig,
                "userHandle": null,
            },
        }))
        .map_err(|_| NotVerified)?;
        let state = self.state_for(credential, core)?;
        let result =
            self.webauthn.finish_passkey_authentication(&response, &state).map_err(|_| NotVerified)?;
        if !result.user_verified() {
            return Err(NotVerified);
        }
        let mut updated = credential.clone();
        updated.0.update_credential(&result).ok_or(NotVerified)?;
        Ok(updated)
    }

    /// Builds the state of a ceremony with the answer's challenge; the library offers random challenges only.
    fn state_for(
        &self,
        credential: &UvCredential,
        core: &[u8],
    ) -> Result<PasskeyAuthentication, NotVerified> {
        let (_, state) = self
            .webauthn
            .start_passkey_authentication(std::slice::from_ref(&credential.0))
            .map_err(|_| NotVerified)?;
        let mut state = to_json(&state)?;
        *state.pointer_mut("/ast/challenge").ok_or(NotVerified)? = b64u(challenge(core)).into();
        PasskeyAuthentication::deserialize(state).map_err(|_| NotVerified)
    }
}

/// Computes the WebAuthn challenge for an answer with these core bytes.
pub fn challenge(core: &[u8]) -> [u8; 32] {
    sha256([b"countersign-uv\0".as_slice(), core].concat())
}

/// Rejects an assertion made in another site's frame (`crossOrigin`, WebAuthn §5.8.1).
fn refuse_other_frames(client_data: &str) -> Result<(), NotVerified> {
    #[derive(Deserialize)]
    struct ClientData {
        #[serde(default, rename = "crossOrigin")]
        cross_origin: bool,
    }
    let bytes = from_b64u(client_data).ok_or(NotVerified)?;
    let data: ClientData = serde_json::from_slice(&bytes).map_err(|_| NotVerified)?;
    if data.cross_origin { Err(NotVerified) } else { Ok(()) }
}

fn to_json(value: &impl Serialize) -> Result<Value, NotVerified> {
    serde_json::to_value(value).map_err(|_| NotVerified)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
    use webauthn_authenticator_rs::softpasskey::SoftPasskey;
    use webauthn_authenticator_rs::{AuthenticatorBackend, WebauthnAuthenticator};
    use webauthn_rs_proto::{CreationChallengeResponse, PublicKeyCredentialRequestOptions};

    const ORIGIN: &str = "https://authenticator.example";

    /// A phone's platform authenticator and its registered credential.
    pub(in crate::factors::push) struct Platform {
        soft: SoftPasskey,
        pub(in crate::factors::push) verifier: UserVerifier,
        pub(in crate::factors::push) credential: UvCredential,
    }

    impl Platform {
        pub(in crate::factors::push) fn new() -> Self {
            let verifier = UserVerifier::new(ORIGIN, "Example").unwrap();
            let mut soft = SoftPasskey::new(true);
            let credential = register(&verifier, &mut soft).unwrap();
            Self { soft, verifier, credential }
        }

        pub(in crate::factors::push) fn assert(&mut self, core: &[u8]) -> Assertion {
            self.assert_from(ORIGIN, "required", core)
        }

        fn assert_from(&mut self, origin: &str, user_verification: &str, core: &[u8]) -> Assertion {
            let mut options = self.verifier.request_options(&self.credential).unwrap();
            assert_eq!(options.get("challenge"), None);
            options["challenge"] = b64u(challenge(core)).into();
            options["userVerification"] = user_verification.into();
            let options = PublicKeyCredentialRequestOptions::deserialize(options).unwrap();
            let made = self.soft.perform_auth(Url::parse(origin).unwrap(), options, 60_000).unwrap();
            Assertion {
                id: made.id.clone(),
                ad: b64u(&made.response.authenticator_data),
                cd: b64u(&made.response.client_data_json),
                sig: b64u(&made.response.signature),
            }
        }
    }

    fn register(verifier: &UserVerifier, soft: &mut SoftPasskey) -> Result<UvCredential, NotVerified> {
        let begun = verifier.begin_registration("alice", &SystemEntropy).unwrap();
        let made =
            soft.do_registration(Url::parse(ORIGIN).unwrap(), creation(&begun)).map_err(|_| NotVerified)?;
        verifier.finish_registration(&serde_json::to_value(made).unwrap(), &begun.ceremony)
    }

    /// The creation options for the software authenticator, which is no platform authenticator.
    fn creation(begun: &Registration) -> CreationChallengeResponse {
        let mut options = begun.options.clone();
        options["authenticatorSelection"].as_object_mut().unwrap().remove("authenticatorAttachment");
        CreationChallengeResponse::deserialize(json!({"publicKey": options})).unwrap()
    }

    #[test]
    fn an_assertion_over_the_exact_answer_verifies_and_over_another_does_not() {
        let mut platform = Platform::new();
        let assertion = platform.assert(b"core");
        assert!(platform.verifier.verify(&platform.credential, &assertion, b"core").is_ok());
        assert_eq!(platform.verifier.verify(&platform.credential, &assertion, b"cord"), Err(NotVerified));
    }

    #[test]
    fn an_assertion_of_another_origin_or_frame_is_refused() {
        let mut platform = Platform::new();
        let elsewhere = platform.assert_from("https://evil.example", "required", b"core");
        assert_eq!(platform.verifier.verify(&platform.credential, &elsewhere, b"core"), Err(NotVerified));
        for (is_framed, expected) in [(false, true), (true, false)] {
            let (credential, assertion) = assertion_in_frame(&mut platform, is_framed);
            let verified = platform.verifier.verify(&credential, &assertion, b"core");
            assert_eq!(verified.is_ok(), expected, "in another site's frame: {is_framed}");
        }
    }

    /// An assertion whose client data says whether it was made in another site's frame, and the credential of
    /// the key that signed it: the software authenticator does not write that member.
    fn assertion_in_frame(platform: &mut Platform, is_framed: bool) -> (UvCredential, Assertion) {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let mut credential = serde_json::to_value(&platform.credential).unwrap();
        let point = credential.pointer_mut("/cred/cred/key/EC_EC2").expect("a key on a curve");
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        (point["x"], point["y"]) = (b64u(x).into(), b64u(y).into());
        let assertion = platform.assert(b"core");
        let mut client_data: Value = serde_json::from_slice(&from_b64u(&assertion.cd).unwrap()).unwrap();
        client_data["crossOrigin"] = is_framed.into();
        let client_data = client_data.to_string();
        let signed = [from_b64u(&assertion.ad).unwrap(), sha256(client_data.as_bytes()).to_vec()].concat();
        let sig = b64u(key.sign(&SystemRandom::new(), &signed).unwrap());
        (
            UvCredential::deserialize(credential).unwrap(),
            Assertion { cd: b64u(client_data), sig, ..assertion },
        )
    }

    #[test]
    fn a_changed_signature_and_another_credential_are_refused() {
        let mut platform = Platform::new();
        let good = platform.assert(b"core");
        let other = Platform::new();
        assert_eq!(other.verifier.verify(&other.credential, &good, b"core"), Err(NotVerified));
        let unsigned = Assertion { sig: b64u([0; 70]), ..good };
        assert_eq!(platform.verifier.verify(&platform.credential, &unsigned, b"core"), Err(NotVerified));
    }

    #[test]
    fn an_assertion_without_user_verification_is_refused() {
        let mut platform = Platform::new();
        let flags = |assertion: &Assertion| from_b64u(&assertion.ad).unwrap()[32];
        let present = platform.assert_from(ORIGIN, "discouraged", b"core");
        assert_eq!(flags(&present) & 0b101, 0b001, "the user was present and was not verified");
        assert_eq!(platform.verifier.verify(&platform.credential, &present, b"core"), Err(NotVerified));
        let verified = platform.assert(b"core");
        assert_eq!(flags(&verified) & 0b101, 0b101);
        assert!(platform.verifier.verify(&platform.credential, &verified, b"core").is_ok());
        let verifier = UserVerifier::new(ORIGIN, "Example").unwrap();
        assert_eq!(register(&verifier, &mut SoftPasskey::new(false)), Err(NotVerified));
    }

    #[test]
    fn a_registration_is_bound_to_its_ceremony() {
        let verifier = UserVerifier::new(ORIGIN, "Example").unwrap();
        let begun = verifier.begin_registration("alice", &SystemEntropy).unwrap();
        let other = verifier.begin_registration("alice", &SystemEntropy).unwrap();
        assert_ne!(begun.options["user"]["id"], other.options["user"]["id"]);
        let selection = &begun.options["authenticatorSelection"];
        assert_eq!(selection["authenticatorAttachment"], "platform");
        assert_eq!(selection["residentKey"], "discouraged");
        assert_eq!(selection["userVerification"], "required");
        let mut soft = SoftPasskey::new(true);
        let made = soft.do_registration(Url::parse(ORIGIN).unwrap(), creation(&begun)).unwrap();
        let made = serde_json::to_value(made).unwrap();
        assert_eq!(verifier.finish_registration(&made, &other.ceremony), Err(NotVerified));
        assert!(verifier.finish_registration(&made, &begun.ceremony).is_ok());
    }

    #[test]
    fn a_verifier_needs_a_host_name_and_no_ip_address() {
        assert!(UserVerifier::new("http://localhost:8080", "Example").is_ok());
        assert!(UserVerifier::new("http://127.0.0.1:8080", "Example").is_err());
    }
}
