//! §2 and §3: requests and their device proofs.

use super::code;
use crate::support::{
    phone::Phone,
    phone_app::{PHONES, PhoneApp},
    snapshot,
    test_app::HOME,
};
use http::{Method, Request, Response};
use hyper::body::Bytes;
use serde_json::Value;

const SELF: &str = "/device/v1/self";

async fn send(test_app: &PhoneApp, request: http::request::Builder, body: &str) -> (Response<Bytes>, Value) {
    let response =
        test_app.http_client(PHONES).send(request.body(Bytes::from(body.to_owned())).unwrap()).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.headers().get("set-cookie").is_none());
    if response.status().as_u16() >= 400 {
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    let document = serde_json::from_slice(response.body()).unwrap_or_default();
    (response, document)
}

fn to(method: Method, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("{HOME}{path}"))
}

/// Operations with a signed body instead of a proof. A new operation requires a proof, or has a denial test
/// of its own.
const SELF_SIGNED: [&str; 3] =
    ["post /challenges/{id}/answer", "post /enrollments/{id}/complete", "post /key"];

#[tokio::test]
async fn every_operation_of_the_document_refuses_missing_and_unknown_proofs() {
    let test_app = PhoneApp::new().await;
    let document: Value = serde_json::from_str(&countersign::device_api::document()).unwrap();
    let mut self_signed = Vec::new();
    let mut proven = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let kind = if path.starts_with("/challenges") { "ch" } else { "enr" };
        let address = format!("/device/v1{path}").replace("{id}", &format!("{kind}_AAAAAAAAAAAAAAAAAAAAAQ"));
        for (name, operation) in operations.as_object().unwrap() {
            if operation["security"].is_null() {
                self_signed.push(format!("{name} {path}"));
                continue;
            }
            proven += 1;
            let method: Method = name.to_uppercase().parse().unwrap();
            let body = (method != Method::GET).then(|| serde_json::json!({}));
            let request = to(method.clone(), &address).header("content-type", "application/json");
            let text = body.as_ref().map(Value::to_string).unwrap_or_default();
            let (response, problem) = send(&test_app, request, &text).await;
            assert_eq!(
                (response.status().as_u16(), &problem["code"]),
                (401, &"invalid_proof".into()),
                "{name} {path}"
            );
            let stranger = test_app.phone().ask(method, &address, body.as_ref()).await;
            let problem = stranger.err().unwrap_or_else(|| panic!("{name} {path} accepts an unknown device"));
            assert_eq!(
                problem.code,
                if kind == "enr" && path.starts_with("/enr") { "invalid_proof" } else { "device_unknown" },
                "{name} {path}"
            );
        }
    }
    self_signed.sort_unstable();
    assert_eq!(self_signed, SELF_SIGNED);
    assert!(proven > 10, "{proven}");
}

#[tokio::test]
async fn an_unknown_operation_is_answered_with_a_problem_document() {
    let test_app = PhoneApp::new().await;
    let json = |request: http::request::Builder| request.header("content-type", "application/json");
    let claim = "/device/v1/enrollments/claim";
    let complete = "/device/v1/enrollments/enr_AAAAAAAAAAAAAAAAAAAAAQ/complete";
    let mut answers = Vec::new();
    for (what, request, body) in [
        ("an unknown path", to(Method::GET, "/device/v1/nothing"), String::new()),
        ("an unknown path with a body", to(Method::POST, "/device/v1/nothing"), "{".to_owned()),
        ("another method", to(Method::DELETE, "/device/v1/transport"), String::new()),
        ("another method with a body", to(Method::POST, "/device/v1/transport"), "not even JSON".to_owned()),
        ("OPTIONS", to(Method::OPTIONS, "/device/v1/transport"), String::new()),
        ("no content type", to(Method::POST, claim), "{}".to_owned()),
        ("text", to(Method::POST, claim).header("content-type", "text/plain"), "{}".to_owned()),
        ("too large a claim", json(to(Method::POST, claim)), "x".repeat(8193)),
        ("too large a completion", json(to(Method::POST, complete)), "x".repeat(16385)),
        ("no JSON", json(to(Method::POST, complete)), "x".repeat(16384)),
        ("half of JSON", json(to(Method::POST, complete)), "{".to_owned()),
        ("no member", json(to(Method::POST, complete)), "{}".to_owned()),
        ("no proof", to(Method::GET, SELF), String::new()),
    ] {
        let (response, document) = send(&test_app, request, &body).await;
        assert_eq!(document["request_id"], response.headers()["x-request-id"].to_str().unwrap());
        if document["code"] == "method_not_allowed" {
            assert_eq!(response.headers()["allow"], "PUT");
        }
        let (code, detail) = (document["code"].as_str().unwrap(), document["detail"].as_str().unwrap());
        answers.push(format!("{what}\n  {} {code}: {detail}", response.status().as_u16()));
    }
    insta::assert_snapshot!(answers.join("\n"), @r#"
    an unknown path
      404 not_found: no operation has this path
    an unknown path with a body
      404 not_found: no operation has this path
    another method
      405 method_not_allowed: this path does not support the method; see `Allow`
    another method with a body
      405 method_not_allowed: this path does not support the method; see `Allow`
    OPTIONS
      405 method_not_allowed: this path does not support the method; see `Allow`
    no content type
      415 unsupported_media_type: expected Content-Type: application/json
    text
      415 unsupported_media_type: expected Content-Type: application/json
    too large a claim
      413 too_large: expected at most 8192 bytes
    too large a completion
      413 too_large: expected at most 16384 bytes
    no JSON
      400 invalid_request: the body is not what this operation takes: expected value at line 1 column 1
    half of JSON
      400 invalid_request: the body is not what this operation takes: EOF while parsing an object at line 1 column 1
    no member
      400 invalid_request: the body is not what this operation takes: the member `jws` is missing
    no proof
      401 invalid_proof: this call needs the Device-Proof header, once
    "#);
}

#[tokio::test]
async fn a_problem_document_has_status_code_detail_and_request_id() {
    let test_app = PhoneApp::new().await;
    let (response, _) = send(&test_app, to(Method::GET, SELF), "").await;
    insta::assert_snapshot!(snapshot::response(&response), @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/problem+json
    www-authenticate: Device-Proof
    {
      "code": "invalid_proof",
      "detail": "this call needs the Device-Proof header, once",
      "request_id": "<request_id>",
      "status": 401,
      "title": "Unauthorized",
      "type": "about:blank"
    }
    "#);
    let (response, _) = send(&test_app, to(Method::DELETE, "/device/v1/transport"), "").await;
    insta::assert_snapshot!(snapshot::response(&response), @r#"
    405 Method Not Allowed
    allow: PUT
    cache-control: no-store
    content-type: application/problem+json
    {
      "code": "method_not_allowed",
      "detail": "this path does not support the method; see `Allow`",
      "request_id": "<request_id>",
      "status": 405,
      "title": "Method Not Allowed",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn a_proof_without_nonce_gets_one_and_only_the_key_that_it_was_made_for_can_use_it() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let stranger = test_app.phone();
    let first = stranger.proof(&Method::GET, SELF, b"", false);
    let (response, _) = send(&test_app, to(Method::GET, SELF).header("device-proof", first), "").await;
    insta::assert_snapshot!(snapshot::response(&response), @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/problem+json
    device-nonce: <device-nonce>
    www-authenticate: Device-Proof
    {
      "code": "use_nonce",
      "detail": "repeat once with the nonce of this reply",
      "request_id": "<request_id>",
      "status": 401,
      "title": "Unauthorized",
      "type": "about:blank"
    }
    "#);
    assert!(phone.ask(Method::GET, SELF, None).await.is_ok());
    test_app.clock.advance(5 * 60);
    let old = phone.proof(&Method::GET, SELF, b"", false);
    let (_, document) = send(&test_app, to(Method::GET, SELF).header("device-proof", old), "").await;
    assert_eq!(document["code"], "use_nonce");
    assert!(phone.ask(Method::GET, SELF, None).await.is_ok());
}

#[tokio::test]
async fn a_proof_fits_its_own_request_alone() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    phone.ask(Method::GET, SELF, None).await.unwrap();
    let prove = |phone: &Phone, method: Method, path: &str, body: &[u8], shows_key: bool| {
        phone.proof(&method, path, body, shows_key)
    };
    for (proof, expected) in [
        (prove(&phone, Method::GET, SELF, b"", false), None),
        (prove(&phone, Method::POST, SELF, b"", false), Some("invalid_proof")),
        (prove(&phone, Method::GET, "/device/v1/events", b"", false), Some("invalid_proof")),
        (prove(&phone, Method::GET, SELF, b"", true), Some("invalid_proof")),
        ("nonsense".to_owned(), Some("invalid_proof")),
    ] {
        let (_, document) = send(&test_app, to(Method::GET, SELF).header("device-proof", proof), "").await;
        assert_eq!(document["code"].as_str(), expected, "{document}");
    }
    let other_body = phone.proof(&Method::PATCH, SELF, b"{}", false);
    let request = to(Method::PATCH, SELF)
        .header("device-proof", other_body.clone())
        .header("content-type", "application/json");
    let (_, document) = send(&test_app, request, r#"{"name":"x"}"#).await;
    assert_eq!(document["code"], "invalid_proof");
    let request =
        to(Method::PATCH, SELF).header("device-proof", other_body).header("content-type", "application/json");
    assert_eq!(send(&test_app, request, "{}").await.0.status(), 200);
}

#[tokio::test]
async fn a_request_with_two_proofs_is_refused() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    phone.ask(Method::GET, SELF, None).await.unwrap();
    let once = to(Method::GET, SELF).header("device-proof", phone.proof(&Method::GET, SELF, b"", false));
    assert_eq!(send(&test_app, once, "").await.0.status(), 200);
    let twice = to(Method::GET, SELF)
        .header("device-proof", phone.proof(&Method::GET, SELF, b"", false))
        .header("device-proof", "nonsense");
    assert_eq!(send(&test_app, twice, "").await.1["code"], "invalid_proof");
}

#[tokio::test]
async fn the_host_that_a_request_names_does_not_matter() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    phone.ask(Method::GET, SELF, None).await.unwrap();
    let proof = phone.proof(&Method::GET, SELF, b"", false);
    let request = Request::get(format!("http://127.0.0.1:9{SELF}")).header("device-proof", proof);
    assert_eq!(send(&test_app, request, "").await.0.status(), 200);
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_signature_get_one_reply_and_too_many_of_them_none() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let mut stranger = test_app.phone();
    let unknown = stranger.ask(Method::GET, SELF, None).await;
    assert_eq!(code(unknown), "401 device_unknown");
    phone.ask(Method::GET, SELF, None).await.unwrap();
    let http_client = test_app.http_client("192.0.2.77");
    let good = phone.proof(&Method::GET, SELF, b"", false);
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(86));
    let mut codes = Vec::new();
    for _ in 0..21 {
        let request =
            to(Method::GET, SELF).header("device-proof", forged.clone()).body(Bytes::new()).unwrap();
        let document: Value = serde_json::from_slice(http_client.send(request).await.body()).unwrap();
        codes.push(document["code"].as_str().unwrap().to_owned());
    }
    assert!(codes[..20].iter().all(|code| code == "device_unknown"), "{codes:?}");
    assert_eq!(codes[20], "too_many_requests");
}

#[tokio::test]
async fn a_device_may_ask_sixty_times_a_minute() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    test_app.clock.advance(60);
    for _ in 0..60 {
        phone.ask(Method::GET, SELF, None).await.unwrap();
    }
    assert_eq!(code(phone.ask(Method::GET, SELF, None).await), "429 too_many_requests");
    test_app.clock.advance(60);
    assert!(phone.ask(Method::GET, SELF, None).await.is_ok());
}
