//! §5.1: the event stream.

use crate::support::{
    event_stream::EventStream,
    http_client::HttpClient,
    phone::{Act, Phone},
    phone_app::{PhoneApp, device_of},
    test_app::HOME,
};
use countersign::storage::authenticators;
use http::{Method, Request, StatusCode};
use hyper::body::Bytes;
use serde_json::Value;

const EVENTS: &str = "/device/v1/events";

async fn open(phone: &mut Phone, http_client: &HttpClient) -> Result<EventStream, StatusCode> {
    // Every response to a read has a nonce.
    phone.ask(Method::GET, "/device/v1/self", None).await.expect("an enrolled phone");
    let request = Request::get(format!("{HOME}{EVENTS}"))
        .header("device-proof", phone.proof(&Method::GET, EVENTS, b"", false));
    let response = http_client.open(request.body(Bytes::new()).unwrap()).await;
    if response.status() != StatusCode::OK {
        return Err(response.status());
    }
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(response.headers().contains_key("device-nonce"));
    Ok(EventStream::new(response.into_body()))
}

async fn next(stream: &mut EventStream) -> (String, Value) {
    let event = stream.next().await.expect("an event");
    (event.event, serde_json::from_str(&event.data).expect("JSON"))
}

#[tokio::test]
async fn a_stream_sends_the_open_challenges_and_then_each_change() {
    let test_app = PhoneApp::new().await;
    let http_client = test_app.http_client("198.51.100.9");
    let mut phone = test_app.phone_on(&http_client);
    test_app.enroll(&mut phone).await;
    let first = test_app.ask(&[&phone]).await;
    let mut stream = open(&mut phone, &http_client).await.unwrap();
    let (event, data) = next(&mut stream).await;
    assert_eq!(
        (event.as_str(), &data["cid"], &data["state"]),
        ("challenge", &first.as_str().into(), &"pending".into())
    );
    assert_eq!(next(&mut stream).await.0, "ready");

    let second = test_app.ask(&[&phone]).await;
    let (_, data) = next(&mut stream).await;
    assert_eq!((&data["cid"], &data["state"]), (&second.as_str().into(), &"pending".into()));
    phone.fetch(&second).await.unwrap();
    assert_eq!(next(&mut stream).await.1["state"], "delivered");
    phone.answer_unseen(&second, Act::Deny).await.unwrap();
    let (_, data) = next(&mut stream).await;
    assert_eq!((&data["cid"], &data["state"]), (&second.as_str().into(), &"denied".into()));
}

#[tokio::test]
async fn a_stream_ends_in_time_and_reports_what_expired() {
    let test_app = PhoneApp::new().await;
    let http_client = test_app.http_client("198.51.100.9");
    let mut phone = test_app.phone_on(&http_client);
    test_app.enroll(&mut phone).await;
    test_app.ask(&[&phone]).await;
    test_app.clock.advance(60);
    let mut stream = open(&mut phone, &http_client).await.unwrap();
    assert_eq!((next(&mut stream).await.0, next(&mut stream).await.0), ("challenge".into(), "ready".into()));
    test_app.clock.advance(30);
    assert_eq!(next(&mut stream).await.1["state"], "expired");
    test_app.clock.advance(25);
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_device_has_two_streams_and_a_closed_one_frees_its_slot() {
    let test_app = PhoneApp::new().await;
    let http_client = test_app.http_client("198.51.100.9");
    let mut phone = test_app.phone_on(&http_client);
    test_app.enroll(&mut phone).await;
    let first = open(&mut phone, &http_client).await.unwrap();
    let _second = open(&mut phone, &http_client).await.unwrap();
    assert_eq!(open(&mut phone, &http_client).await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    drop(first);
    assert!(open(&mut phone, &http_client).await.is_ok());
}

#[tokio::test]
async fn a_stream_ends_with_its_device() {
    let test_app = PhoneApp::new().await;
    let http_client = test_app.http_client("198.51.100.9");
    let mut phone = test_app.phone_on(&http_client);
    test_app.enroll(&mut phone).await;
    let mut stream = open(&mut phone, &http_client).await.unwrap();
    assert_eq!(next(&mut stream).await.0, "ready");
    let tx = test_app.app.storage.begin().await.unwrap();
    authenticators::revoke(&tx, device_of(&phone), test_app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stream.next().await, None);
}
