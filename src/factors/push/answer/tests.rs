//! Tests of each check of an answer, with its positive twin.

use super::*;
use crate::clock::Timestamp;
use crate::digest::sha256;
use crate::directory::UserVerification;
use crate::factors::push::device_key::tests::Signer;
use crate::factors::push::jws::Typ;
use crate::factors::push::text::b64u;
use crate::factors::push::user_verification::tests::Platform;
use crate::factors::push::{details, is_open, number, qr};
use ::entity::enums::{AuthenticatorState, ChallengeState};
use ::entity::ids::{AuthenticatorId, ChallengeId};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const ISSUER: &str = "https://idp.example";
const SCANNED: &str = "ICEiIyQlJicoKSorLC0uLw";
const DETAILS: &str = r#"{"kind":"sign_in"}"#;

fn challenge_id() -> ChallengeId {
    "ch_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
}

fn device_id() -> AuthenticatorId {
    "dev_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
}

fn core() -> Value {
    json!({"aud": ISSUER, "iss": device_id(), "cid": challenge_id(), "chn": "nonce", "dh": details::hash(DETAILS),
           "act": "approve", "num": "07", "iat": 1, "ctr": 42})
}

fn denial() -> Value {
    json!({"aud": ISSUER, "iss": device_id(), "cid": challenge_id(), "act": "deny", "iat": 1, "ctr": 42})
}

/// An approval by the QR code.
fn scanned(nonce: &str) -> Value {
    let mut core = core();
    core["num"] = Value::Null;
    core["qr"] = json!(nonce);
    core
}

/// One device and one open challenge; each test changes one thing.
struct Scene {
    signer: Signer,
    platform: Option<Platform>,
    device_state: AuthenticatorState,
    challenge_state: ChallengeState,
    expires_at: Timestamp,
    answer_digest: Option<Vec<u8>>,
    may_scan: bool,
    user_verification: UserVerification,
}

impl Scene {
    fn new() -> Self {
        Self {
            signer: Signer::new(),
            platform: None,
            device_state: AuthenticatorState::Active,
            challenge_state: ChallengeState::Delivered,
            expires_at: NOW.plus_seconds(90),
            answer_digest: None,
            may_scan: true,
            user_verification: UserVerification::Preferred,
        }
    }

    fn sign(&self, core: &Value, uv: Option<Value>) -> String {
        let mut payload = json!({"core": b64u(core.to_string())});
        if let Some(uv) = uv {
            payload["uv"] = uv;
        }
        self.signer.sign(Typ::Answer, &payload)
    }

    fn judge(&self, compact: &str) -> Verdict {
        let number_hash = number::hash(b"key", challenge_id(), "07");
        let qr_hash = self.may_scan.then(|| qr::hash(b"key", challenge_id(), SCANNED));
        let key = self.signer.key();
        let device = AnsweringDevice {
            id: device_id(),
            key: &key,
            state: self.device_state,
            uv_credential: self.platform.as_ref().map(|platform| &platform.credential),
        };
        let challenge = AnsweredChallenge {
            id: challenge_id(),
            state: self.challenge_state,
            expires_at: self.expires_at,
            nonce: "nonce",
            details: DETAILS,
            digits: 2,
            number_hash: &number_hash,
            qr_hash: qr_hash.as_deref(),
            answer_digest: self.answer_digest.as_deref(),
        };
        let context = AnswerContext {
            issuer: ISSUER,
            number_key: b"key",
            user_verification: self.user_verification,
            verifier: self.platform.as_ref().map(|platform| &platform.verifier),
            now: NOW,
        };
        match Answer::parse(compact) {
            Ok(answer) => answer.verify(Some(&device), Some(&challenge), &context),
            Err(refusal) => Verdict::Refused(refusal),
        }
    }

    fn answer(&self, core: &Value) -> Verdict {
        self.judge(&self.sign(core, None))
    }
}

fn act_of(verdict: &Verdict) -> Option<AnswerAction> {
    match verdict {
        Verdict::Verified { act, .. } => Some(*act),
        _ => None,
    }
}

fn refusal(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Refused(refusal) => refusal.code(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_approval_with_the_right_number_is_verified_and_with_a_wrong_one_a_mismatch() {
    let scene = Scene::new();
    let good = scene.answer(&core());
    assert_eq!(act_of(&good), Some(AnswerAction::Approve));
    assert!(matches!(
        good,
        Verdict::Verified { user_verified: Some(false), mark: AnswerMark { ctr: 42, .. }, .. }
    ));
    let mut wrong = core();
    wrong["num"] = json!("70");
    assert!(matches!(scene.answer(&wrong), Verdict::NumberMismatch(AnswerMark { ctr: 42, .. })));
}

#[test]
fn an_approval_with_the_qr_code_of_its_browser_is_verified_and_with_another_a_mismatch() {
    let scene = Scene::new();
    assert_eq!(act_of(&scene.answer(&scanned(SCANNED))), Some(AnswerAction::Approve));
    let other = scene.answer(&scanned("AAAAAAAAAAAAAAAAAAAAAA"));
    assert!(matches!(other, Verdict::NumberMismatch(AnswerMark { ctr: 42, .. })));
}

#[test]
fn a_malformed_code_or_one_not_offered_leaves_the_challenge_open() {
    let mut scene = Scene::new();
    for nonce in ["", "07", "ICEiIyQlJicoKSorLC0uL", "ICEiIyQlJicoKSorLC0uLw=="] {
        assert_eq!(refusal(scene.answer(&scanned(nonce))), "invalid_answer", "{nonce}");
    }
    let mut both = core();
    both["qr"] = json!(SCANNED);
    assert_eq!(refusal(scene.answer(&both)), "invalid_answer");
    scene.may_scan = false;
    assert_eq!(refusal(scene.answer(&scanned(SCANNED))), "invalid_answer");
    assert_eq!(act_of(&scene.answer(&core())), Some(AnswerAction::Approve));
}

#[test]
fn a_scanned_code_replaces_neither_the_details_hash_nor_user_verification() {
    let mut scene = Scene::new();
    let mut unseen = scanned(SCANNED);
    unseen["dh"] = Value::Null;
    assert_eq!(refusal(scene.answer(&unseen)), "answer_mismatch");
    scene.user_verification = UserVerification::Required;
    assert_eq!(refusal(scene.answer(&scanned(SCANNED))), "uv_required");
}

#[test]
fn a_denial_and_a_report_need_no_fetch() {
    let scene = Scene::new();
    assert_eq!(act_of(&scene.answer(&denial())), Some(AnswerAction::Deny));
    let mut report = denial();
    report["act"] = json!("report");
    report["why"] = json!("not_me");
    assert_eq!(act_of(&scene.answer(&report)), Some(AnswerAction::Report(ReportReason::NotMe)));
    report["dh"] = json!(details::hash("other"));
    assert_eq!(refusal(scene.answer(&report)), "answer_mismatch");
}

#[test]
fn an_answer_with_one_defect_is_refused_and_leaves_the_challenge_open() {
    let scene = Scene::new();
    let none = Value::Null;
    let cases = [
        ("aud", json!("https://other.example"), "invalid_answer"),
        ("iss", json!("dev_AAAAAAAAAAAAAAAAAAAAAg"), "invalid_answer"),
        ("cid", json!("ch_AAAAAAAAAAAAAAAAAAAAAg"), "challenge_unknown"),
        ("chn", json!("other"), "answer_mismatch"),
        ("chn", none.clone(), "answer_mismatch"),
        ("dh", json!(details::hash("other")), "answer_mismatch"),
        ("dh", none.clone(), "answer_mismatch"),
        ("num", none, "invalid_answer"),
        ("num", json!("7"), "invalid_answer"),
        ("num", json!("007"), "invalid_answer"),
        ("num", json!(7), "invalid_answer"),
        ("qr", json!("nonce"), "invalid_answer"),
        ("why", json!("not_me"), "invalid_answer"),
        ("act", json!("maybe"), "invalid_answer"),
        ("act", json!("deny"), "invalid_answer"),
        ("act", json!("report"), "invalid_answer"),
        ("ctr", json!(0), "invalid_answer"),
        ("ctr", json!("42"), "invalid_answer"),
    ];
    for (member, value, code) in cases {
        let mut bad = core();
        bad[member] = value.clone();
        assert_eq!(refusal(scene.answer(&bad)), code, "{member} {value}");
    }
}

#[test]
fn only_an_active_device_that_proves_its_key_answers() {
    let mut scene = Scene::new();
    let stranger = Scene::new();
    assert_eq!(refusal(scene.judge(&stranger.sign(&core(), None))), "device_unknown");
    for (state, code) in [
        (AuthenticatorState::Revoked, "device_revoked"),
        (AuthenticatorState::Suspended, "device_not_active"),
        (AuthenticatorState::PendingConfirm, "device_not_active"),
    ] {
        scene.device_state = state;
        assert_eq!(refusal(scene.answer(&core())), code);
        assert_eq!(
            refusal(scene.judge(&stranger.sign(&core(), None))),
            "device_unknown",
            "only the holder of the key learns the state"
        );
    }
}

#[test]
fn an_unknown_key_and_an_unknown_challenge_are_refused() {
    let scene = Scene::new();
    let answer = Answer::parse(&scene.sign(&core(), None)).unwrap();
    let context = AnswerContext {
        issuer: ISSUER,
        number_key: b"key",
        user_verification: UserVerification::Off,
        verifier: None,
        now: NOW,
    };
    assert_eq!(refusal(answer.verify(None, None, &context)), "device_unknown");
    let key = scene.signer.key();
    let device = AnsweringDevice {
        id: device_id(),
        key: &key,
        state: AuthenticatorState::Active,
        uv_credential: None,
    };
    assert_eq!(refusal(answer.verify(Some(&device), None, &context)), "challenge_unknown");
}

#[test]
fn a_closed_or_expired_challenge_accepts_only_a_report_of_an_approval() {
    let mut scene = Scene::new();
    let mut report = denial();
    report["act"] = json!("report");
    report["why"] = json!("unsure");
    for state in ChallengeState::ALL {
        scene.challenge_state = state;
        let open = is_open(state);
        assert_eq!(act_of(&scene.answer(&core())).is_some(), open, "{state:?}");
        assert_eq!(act_of(&scene.answer(&denial())).is_some(), open, "{state:?}");
        assert_eq!(
            act_of(&scene.answer(&report)).is_some(),
            open || matches!(state, ChallengeState::Approved | ChallengeState::Consumed),
            "{state:?}"
        );
    }
    scene.challenge_state = ChallengeState::Delivered;
    scene.expires_at = NOW;
    assert_eq!(refusal(scene.answer(&core())), "challenge_expired");
    scene.expires_at = Timestamp(NOW.0 + 1);
    assert_eq!(act_of(&scene.answer(&core())), Some(AnswerAction::Approve));
}

#[test]
fn the_accepted_answer_repeated_is_recognized_and_another_is_refused() {
    let mut scene = Scene::new();
    scene.challenge_state = ChallengeState::Approved;
    scene.answer_digest = Some(sha256(core().to_string().as_bytes()).to_vec());
    assert_eq!(scene.answer(&core()), Verdict::Repeated);
    let mut other = core();
    other["ctr"] = json!(43);
    assert_eq!(refusal(scene.answer(&other)), "challenge_closed");
}

#[test]
fn required_user_verification_applies_to_an_approval_and_not_to_a_denial() {
    let mut scene = Scene::new();
    scene.user_verification = UserVerification::Required;
    assert_eq!(refusal(scene.answer(&core())), "uv_required");
    assert_eq!(act_of(&scene.answer(&denial())), Some(AnswerAction::Deny));
    scene.platform = Some(Platform::new());
    let compact = with_assertion(&mut scene, &core(), &core());
    match scene.judge(&compact) {
        Verdict::Verified { user_verified: Some(true), credential: Some(_), .. } => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_assertion_over_another_answer_is_invalid_even_if_none_is_requested() {
    let mut scene = Scene::new();
    scene.user_verification = UserVerification::Off;
    scene.platform = Some(Platform::new());
    let mut other = core();
    other["num"] = json!("70");
    let compact = with_assertion(&mut scene, &core(), &other);
    assert_eq!(refusal(scene.judge(&compact)), "uv_invalid");
    let compact = with_assertion(&mut scene, &core(), &core());
    assert_eq!(act_of(&scene.judge(&compact)), Some(AnswerAction::Approve));
}

fn with_assertion(scene: &mut Scene, core: &Value, asserted: &Value) -> String {
    let made = scene.platform.as_mut().unwrap().assert(asserted.to_string().as_bytes());
    scene.sign(core, Some(json!({"id": made.id, "ad": made.ad, "cd": made.cd, "sig": made.sig})))
}
