//! Test vectors shared with the web app's tests, so that both sides agree on the bytes (protocol §11).

use super::{
    DeviceKey,
    answer::Answer,
    details,
    device_proof::{DeviceProof, KeySource},
    enrollment::{link, normalize_code},
    jws::{Jws, Typ},
    qr,
    text::{b64u, from_b64u},
    user_verification::challenge,
};
use crate::digest::sha256;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../authenticator/test/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn the_thumbprint_and_the_hash_of_the_details_are_the_same() {
    let vectors = vectors();
    let key = DeviceKey::from_jwk(&vectors["key"]["jwk"]).unwrap();
    assert_eq!(key.thumbprint(), text(&vectors["key"]["kid"]));
    assert_eq!(details::hash(text(&vectors["details"]["text"])), text(&vectors["details"]["dh"]));
}

#[test]
fn every_answer_parses_verifies_and_has_its_user_verification_challenge() {
    let vectors = vectors();
    let key = DeviceKey::from_jwk(&vectors["key"]["jwk"]).unwrap();
    let mut count = 0;
    for answer in ["approve", "approve_with_uv", "deny", "report"].map(|act| &vectors["answers"][act]) {
        let core = text(&answer["core"]).as_bytes();
        assert_eq!(b64u(core), text(&answer["core_b64u"]));
        assert_eq!(b64u(challenge(core)), text(&answer["uvc"]));
        let read = Answer::parse(text(&answer["jws"])).unwrap();
        assert_eq!(read.mark().digest, sha256(core));
        assert_eq!(read.challenge(), text(&vectors["answers"]["cid"]));
        assert!(Jws::parse(text(&answer["jws"]), Typ::Answer).unwrap().is_signed_by(&key));
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn every_proof_parses_and_verifies() {
    let vectors = vectors();
    let key = DeviceKey::from_jwk(&vectors["key"]["jwk"]).unwrap();
    let proofs = vectors["proofs"].as_object().unwrap();
    assert_eq!(proofs.len(), 4);
    for (name, proof) in proofs {
        let source = if name == "claim" { KeySource::Header } else { KeySource::Stored };
        let read = DeviceProof::parse(text(&proof["jws"]), source).unwrap();
        assert_eq!(read.kid(), text(&vectors["key"]["kid"]));
        let jws = Jws::parse(text(&proof["jws"]), Typ::Proof).unwrap();
        assert!(jws.is_signed_by(&key), "{name}");
        assert_eq!(jws.claims::<Value>().unwrap(), proof["payload"]);
        if let Some(body) = proof.get("body") {
            assert_eq!(b64u(sha256(text(body).as_bytes())), text(&proof["payload"]["bh"]), "{name}");
        }
    }
}

#[test]
fn codes_and_links_match_the_vectors() {
    let vectors = vectors();
    for code in vectors["activation_codes"].as_array().unwrap() {
        assert_eq!(normalize_code(text(&code["typed"])).as_deref(), code["code"].as_str(), "{code}");
    }
    let expected = &vectors["enrollment_link"];
    let id = text(&expected["enrollment"]).parse().unwrap();
    let made = link("https://idp.example/authenticator/", id, text(&expected["secret"]), "");
    assert_eq!(made, text(&expected["link"]));
    assert_eq!(from_b64u(text(&expected["secret"])).map(|secret| secret.len()), Some(32));
    let expected = &vectors["challenge_link"];
    let nonce = text(&expected["qr"]);
    let made = qr::link("https://idp.example/authenticator/", text(&expected["cid"]).parse().unwrap(), nonce);
    assert_eq!(made, text(&expected["link"]));
    assert!(qr::has_form(nonce));
}
