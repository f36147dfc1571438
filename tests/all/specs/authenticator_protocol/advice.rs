//! §5.2: the advice beside the details of a challenge.

use crate::support::{city_database::City, phone::Act, phone_app::PhoneApp};
use serde_json::{Value, json};

/// The browser is in Lisbon; Madrid is 503 kilometers away.
const CITIES: [City; 4] = [
    City { network: "192.0.2.0", name: "Lisbon", latitude: 38.72, longitude: -9.14, radius_kilometers: 20 },
    City {
        network: "198.51.100.0",
        name: "Berlin",
        latitude: 52.52,
        longitude: 13.40,
        radius_kilometers: 50,
    },
    City { network: "203.0.113.0", name: "Porto", latitude: 41.15, longitude: -8.61, radius_kilometers: 5 },
    City { network: "198.18.0.0", name: "Madrid", latitude: 40.42, longitude: -3.70, radius_kilometers: 10 },
];

/// Returns the advice for a phone at `address`, and the advice in the audit event of its answer.
async fn advice(test_app: &PhoneApp, address: &str, act: Act<'_>, code: &str) -> (Value, Value) {
    let mut phone = test_app.phone_on(&test_app.http_client(address));
    test_app.enroll(&mut phone).await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let _outcome = phone.answer(&challenge, act).await;
    let kept = test_app.details_of(code).await;
    (challenge.whole["advice"].clone(), kept.last().expect("an event")["advice"].clone())
}

#[tokio::test]
async fn a_phone_far_from_the_browser_gets_advice_that_is_audited() {
    let test_app = PhoneApp::with_cities(&CITIES).await;
    let far = json!(["far_from_phone"]);
    for (act, code) in [
        (Act::Approve("07"), "challenge.approved"),
        (Act::Approve("08"), "challenge.mismatched"),
        (Act::Deny, "challenge.denied"),
        (Act::Report("unsure"), "challenge.reported"),
    ] {
        assert_eq!(advice(&test_app, "198.51.100.1", act, code).await, (far.clone(), far.clone()), "{code}");
    }
}

#[tokio::test]
async fn a_phone_that_may_be_near_gets_no_advice() {
    let test_app = PhoneApp::with_cities(&CITIES).await;
    for (address, why) in [
        ("203.0.113.9", "313 kilometers are not far"),
        ("198.18.0.9", "503 kilometers are not far when 30 of them are not sure"),
        ("192.0.2.200", "it is where the browser is"),
        ("198.51.101.1", "its location is unknown"),
    ] {
        let (sent, kept) = advice(&test_app, address, Act::Approve("07"), "challenge.approved").await;
        assert_eq!((sent, kept), (json!([]), json!([])), "{why}");
    }
}

#[tokio::test]
async fn without_a_database_there_is_no_advice() {
    let test_app = PhoneApp::new().await;
    let (sent, kept) = advice(&test_app, "198.51.100.1", Act::Approve("07"), "challenge.approved").await;
    assert_eq!((sent, kept), (json!([]), json!([])));
}

#[tokio::test]
async fn a_request_that_ended_has_no_advice() {
    let test_app = PhoneApp::with_cities(&CITIES).await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    assert_eq!(phone.fetch(&cid).await.unwrap().whole["advice"], json!(["far_from_phone"]));
    test_app.clock.advance(90);
    assert_eq!(phone.fetch(&cid).await.unwrap().whole["advice"], json!([]));
}
