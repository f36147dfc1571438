use super::super::fixed_clock::DAWN;
use super::*;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use poem::{Response, endpoint::make};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use webauthn_rs::{Webauthn, WebauthnBuilder, prelude::PasskeyRegistration};

const ORIGIN: &str = "http://localhost:8080";
const DETAILS: &str = r#"{"kind":"sign_in","acct":"alice"}"#;

/// A minimal server of the protocol: requires a nonce, keeps the key, checks every signature.
#[derive(Default)]
struct Server {
    jwk: Option<Value>,
    uv: Option<(Webauthn, PasskeyRegistration, Value)>,
    credential: Option<Value>,
    answers: Vec<(Value, Value, Vec<u8>)>,
}

impl Server {
    fn with_user_verification() -> Self {
        let origin = url::Url::parse(ORIGIN).expect("a URL");
        let webauthn =
            WebauthnBuilder::new("localhost", &origin).and_then(WebauthnBuilder::build).expect("a verifier");
        let id = sea_orm::prelude::Uuid::from_u128(1);
        let (options, state) = webauthn.start_passkey_registration(id, "a", "a", None).expect("options");
        let options = serde_json::to_value(options).expect("JSON")["publicKey"].clone();
        Self { uv: Some((webauthn, state, options)), ..Self::default() }
    }

    fn handle(&mut self, method: &str, path: &str, proof: Option<&str>, body: &[u8]) -> (u16, Value) {
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        if let Some(proof) = proof {
            let shown = serde_json::to_value(decode_header(proof).expect("a JWS").jwk).expect("JSON");
            let key = if shown.is_null() { self.jwk.clone().expect("a known key") } else { shown };
            let payload = read(proof, &key, "countersign-proof+jwt");
            assert_eq!(
                (payload["htm"].as_str(), payload["htu"].as_str()),
                (Some(method), Some(&*format!("{ORIGIN}{path}")))
            );
            assert_eq!(payload["bh"].as_str(), (method != "GET").then(|| hash(body)).as_deref());
            if payload["nonce"] != "n1" {
                return (401, json!({"code": "use_nonce"}));
            }
            self.jwk = Some(key);
        }
        match (method, path) {
            ("POST", "/device/v1/enrollments/claim")
                if sent["secret"] == "s" || sent["code"] == "ABCDE-FGHJK" =>
            {
                let webauthn = self.uv.as_ref().map(|(_, _, options)| options);
                (200, json!({"enrollment": "enr_1", "issuer": ORIGIN, "nonce": "e", "webauthn": webauthn}))
            }
            ("POST", "/device/v1/enrollments/claim") => (404, json!({"code": "enrollment_unknown"})),
            ("POST", "/device/v1/enrollments/enr_1/complete") => self.complete(&sent),
            ("GET", "/device/v1/enrollments/enr_1") => (200, json!({"state": "completed"})),
            ("GET", "/device/v1/challenges") => (200, json!({"challenges": [{"cid": "ch_1"}]})),
            ("GET", "/device/v1/challenges/ch_1") => {
                let id = self.credential.as_ref().map(|credential| &credential["rawId"]);
                let options = id.map(|id| {
                    let allowed = json!([{"type": "public-key", "id": id}]);
                    json!({"rpId": "localhost", "allowCredentials": allowed, "userVerification": "required"})
                });
                (200, json!({"details": DETAILS, "chn": "c", "uv": {"options": options}}))
            }
            ("POST", "/device/v1/challenges/ch_1/answer") => self.answer(&sent),
            _ => (404, json!({"code": "not_found"})),
        }
    }

    fn complete(&mut self, sent: &Value) -> (u16, Value) {
        let payload = read(
            sent["jws"].as_str().expect("a JWS"),
            self.jwk.as_ref().expect("a claim"),
            "countersign-enroll+jwt",
        );
        assert_eq!(Some(&payload["jwk"]), self.jwk.as_ref());
        assert_eq!((&payload["aud"], &payload["nonce"]), (&json!(ORIGIN), &json!("e")));
        if let (Some((webauthn, state, _)), false) = (&self.uv, payload["uv"].is_null()) {
            let response = serde_json::from_value(payload["uv"].clone()).expect("a registration response");
            webauthn.finish_passkey_registration(&response, state).expect("a valid credential");
            self.credential = Some(payload["uv"].clone());
        }
        // RFC 6238, appendix B: the secret of the test vectors.
        let uri = "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        (200, json!({"device_id": "dev_1", "confirmation_code": "123456", "totp": {"otpauth_uri": uri}}))
    }

    fn answer(&mut self, sent: &Value) -> (u16, Value) {
        let payload = read(
            sent["jws"].as_str().expect("a JWS"),
            self.jwk.as_ref().expect("a key"),
            "countersign-answer+jwt",
        );
        let bytes = URL_SAFE_NO_PAD.decode(payload["core"].as_str().expect("a core")).expect("base64url");
        let core: Value = serde_json::from_slice(&bytes).expect("JSON");
        let is_wrong = core["act"] == "approve" && core["num"] != "07";
        let state = json!({"approve": "approved", "deny": "denied", "report": "reported"})
            [core["act"].as_str().expect("an act")]
        .clone();
        self.answers.push((core, payload["uv"].clone(), bytes));
        if is_wrong {
            (422, json!({"code": "number_mismatch", "state": "denied"}))
        } else {
            (200, json!({"state": state}))
        }
    }
}

fn read(jws: &str, jwk: &Value, typ: &str) -> Value {
    let key: Jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
    let mut validation = Validation::new(Algorithm::ES256);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.set_required_spec_claims::<&str>(&[]);
    let token = decode::<Value>(jws, &DecodingKey::from_jwk(&key).expect("a key"), &validation)
        .expect("a good signature");
    assert_eq!(token.header.typ.as_deref(), Some(typ));
    token.claims
}

fn phone(server: Server) -> (Arc<Mutex<Server>>, Phone) {
    let server = Arc::new(Mutex::new(server));
    let shared = server.clone();
    let endpoint = make(move |request: poem::Request| {
        let server = shared.clone();
        async move {
            let method = request.method().to_string();
            let path = request.uri().path().to_owned();
            let proof = request.header("device-proof").map(str::to_owned);
            let body = request.into_body().into_vec().await?;
            let (status, answer) = server.lock().expect("the lock is not poisoned").handle(
                &method,
                &path,
                proof.as_deref(),
                &body,
            );
            let status = StatusCode::from_u16(status).expect("a status");
            Ok::<_, poem::Error>(
                Response::builder().status(status).header("device-nonce", "n1").body(answer.to_string()),
            )
        }
    });
    let http_client = HttpClient::in_process(endpoint, SocketAddr::from(([198, 51, 100, 9], 5555)));
    (server, Phone::new(http_client, FixedClock::at_dawn(), "http://localhost:8080/"))
}

fn link() -> Claim {
    Claim::scan("http://localhost:8080/authenticator/enroll#1.enr_1.s")
}

async fn enroll(phone: &mut Phone) -> String {
    let offer: Offer = phone.claim(&link()).await.expect("an offer");
    phone.complete(&offer, &json!({"kind": "none"})).await.expect("a confirmation code")
}

#[tokio::test]
async fn a_phone_enrolls_by_link_or_code_and_says_how_it_stands() {
    let (server, mut phone) = phone(Server::default());
    let unknown = phone.claim(&Claim::Code("00000-00000".to_owned())).await.expect_err("an unknown code");
    assert_eq!(
        (unknown.status, unknown.code.as_str(), unknown.state),
        (StatusCode::NOT_FOUND, "enrollment_unknown", None)
    );
    let offer = phone.claim(&Claim::Code("ABCDE-FGHJK".to_owned())).await.expect("an offer");
    assert_eq!(phone.enrollment_state(&offer).await.as_deref(), Ok("completed"));
    assert_eq!(enroll(&mut phone).await, "123456");
    let account = phone.account.as_ref().expect("an account");
    assert_eq!((account.issuer.as_str(), account.device_id.as_str()), (ORIGIN, "dev_1"));
    let kept: Jwk =
        serde_json::from_value(server.lock().expect("the lock is not poisoned").jwk.clone().expect("a key"))
            .expect("a JWK");
    assert_eq!(kept.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).ok(), Some(phone.kid()));
}

#[tokio::test]
async fn an_approval_holds_what_was_shown_and_the_typed_number() {
    let (server, mut phone) = phone(Server::default());
    enroll(&mut phone).await;
    let open = phone.open_challenges().await.expect("a list");
    let challenge = phone.fetch(&open[0]).await.expect("a challenge");
    assert_eq!((challenge.cid.as_str(), &challenge.details["acct"]), ("ch_1", &json!("alice")));
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
    let wrong = phone.answer(&challenge, Act::Approve("08")).await.expect_err("the wrong number");
    assert_eq!((wrong.code.as_str(), wrong.state.as_deref()), ("number_mismatch", Some("denied")));
    let server = server.lock().expect("the lock is not poisoned");
    let (core, uv, _) = &server.answers[0];
    let expected = json!({
        "aud": ORIGIN, "iss": "dev_1", "cid": "ch_1", "chn": "c", "dh": hash(DETAILS.as_bytes()),
        "act": "approve", "num": "07", "iat": DAWN.unix_seconds(), "ctr": 1,
    });
    assert_eq!((core, uv), (&expected, &Value::Null));
    assert_eq!(server.answers[1].0["ctr"], 2);
}

#[tokio::test]
async fn a_denial_and_a_report_need_no_fetch_and_bytes_can_be_repeated() {
    let (server, mut phone) = phone(Server::default());
    enroll(&mut phone).await;
    assert_eq!(phone.answer_unseen("ch_1", Act::Deny).await.as_deref(), Ok("denied"));
    let report: SignedAnswer = phone.sign_counted("ch_1", None, Act::Report("not_me"), 9);
    assert_eq!(phone.post(&report).await.as_deref(), Ok("reported"));
    assert_eq!(phone.post(&report).await.as_deref(), Ok("reported"));
    let server = server.lock().expect("the lock is not poisoned");
    assert_eq!(server.answers[1], server.answers[2]);
    assert_eq!((&server.answers[1].0["why"], &server.answers[1].0["ctr"]), (&json!("not_me"), &json!(9)));
    assert_eq!(server.answers[0].0.get("chn"), None);
}

#[tokio::test]
async fn a_fingerprint_signs_the_exact_answer() {
    let (server, phone) = phone(Server::with_user_verification());
    let mut phone = phone.with_fingerprint_reader();
    enroll(&mut phone).await;
    let challenge = phone.fetch("ch_1").await.expect("a challenge");
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
    let server = server.lock().expect("the lock is not poisoned");
    let (_, uv, bytes) = &server.answers[0];
    let client_data = URL_SAFE_NO_PAD.decode(uv["cd"].as_str().expect("client data")).expect("base64url");
    let client_data: Value = serde_json::from_slice(&client_data).expect("JSON");
    let signed = hash(&[b"countersign-uv\0".as_slice(), bytes].concat());
    assert_eq!((&client_data["type"], &client_data["challenge"]), (&json!("webauthn.get"), &json!(signed)));
    let credential = server.credential.as_ref().expect("a credential");
    assert_eq!(uv["id"], credential["rawId"]);
}

#[tokio::test]
async fn an_account_gives_codes_offline() {
    let (_, mut phone) = phone(Server::default());
    enroll(&mut phone).await;
    let at_dawn = phone.totp_code();
    phone.clock.advance(30);
    assert_ne!(phone.totp_code(), at_dawn);
    assert_eq!(at_dawn.len(), 6);
}

#[test]
#[should_panic(expected = "not an enrollment link")]
fn another_link_is_no_claim() {
    Claim::scan("http://localhost:8080/#c=ch_1.q");
}
