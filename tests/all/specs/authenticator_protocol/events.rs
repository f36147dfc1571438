//! §5.1: the event stream.

use crate::house::{
    event_stream::EventStream,
    house::HOME,
    phone::{Act, Phone},
    phone_seed::{PhoneHouse, device_of},
    wire::Wire,
};
use countersign::storage::authenticators;
use http::{Method, Request, StatusCode};
use hyper::body::Bytes;
use serde_json::Value;

const EVENTS: &str = "/device/v1/events";

async fn open(phone: &mut Phone, wire: &Wire) -> Result<EventStream, StatusCode> {
    // Any read brings a nonce.
    phone.ask(Method::GET, "/device/v1/self", None).await.expect("an enrolled phone");
    let request = Request::get(format!("{HOME}{EVENTS}"))
        .header("device-proof", phone.proof(&Method::GET, EVENTS, b"", false));
    let response = wire.open(request.body(Bytes::new()).unwrap()).await;
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
async fn a_stream_says_what_is_open_and_then_what_changes() {
    let house = PhoneHouse::new().await;
    let wire = house.wire("198.51.100.9");
    let mut phone = house.phone_on(&wire);
    house.enroll(&mut phone).await;
    let first = house.ask(&[&phone]).await;
    let mut stream = open(&mut phone, &wire).await.unwrap();
    let (event, data) = next(&mut stream).await;
    assert_eq!(
        (event.as_str(), &data["cid"], &data["state"]),
        ("challenge", &first.as_str().into(), &"pending".into())
    );
    assert_eq!(next(&mut stream).await.0, "ready");

    let second = house.ask(&[&phone]).await;
    let (_, data) = next(&mut stream).await;
    assert_eq!((&data["cid"], &data["state"]), (&second.as_str().into(), &"pending".into()));
    phone.fetch(&second).await.unwrap();
    assert_eq!(next(&mut stream).await.1["state"], "delivered");
    phone.answer_unseen(&second, Act::Deny).await.unwrap();
    let (_, data) = next(&mut stream).await;
    assert_eq!((&data["cid"], &data["state"]), (&second.as_str().into(), &"denied".into()));
}

#[tokio::test]
async fn a_stream_ends_within_its_time_and_says_what_expired_meanwhile() {
    let house = PhoneHouse::new().await;
    let wire = house.wire("198.51.100.9");
    let mut phone = house.phone_on(&wire);
    house.enroll(&mut phone).await;
    house.ask(&[&phone]).await;
    house.clock.advance(60);
    let mut stream = open(&mut phone, &wire).await.unwrap();
    assert_eq!((next(&mut stream).await.0, next(&mut stream).await.0), ("challenge".into(), "ready".into()));
    house.clock.advance(30);
    assert_eq!(next(&mut stream).await.1["state"], "expired");
    house.clock.advance(25);
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_device_has_two_streams_and_room_for_another_when_one_is_closed() {
    let house = PhoneHouse::new().await;
    let wire = house.wire("198.51.100.9");
    let mut phone = house.phone_on(&wire);
    house.enroll(&mut phone).await;
    let first = open(&mut phone, &wire).await.unwrap();
    let _second = open(&mut phone, &wire).await.unwrap();
    assert_eq!(open(&mut phone, &wire).await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    drop(first);
    assert!(open(&mut phone, &wire).await.is_ok());
}

#[tokio::test]
async fn a_stream_ends_with_its_device() {
    let house = PhoneHouse::new().await;
    let wire = house.wire("198.51.100.9");
    let mut phone = house.phone_on(&wire);
    house.enroll(&mut phone).await;
    let mut stream = open(&mut phone, &wire).await.unwrap();
    assert_eq!(next(&mut stream).await.0, "ready");
    let tx = house.app.storage.begin().await.unwrap();
    authenticators::revoke(&tx, device_of(&phone), house.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stream.next().await, None);
}
