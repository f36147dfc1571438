//! `/readyz` proves that the database takes writes, with few writes for any number of requests.

use crate::support::test_app::TestApp;
use countersign::{clock::Timestamp, storage::settings};
use futures_util::future::join_all;
use http::{Request, StatusCode};
use hyper::body::Bytes;

/// The number of simultaneous requests.
const ASKERS: usize = 100;

impl TestApp {
    async fn ask(&self, path: &str) -> StatusCode {
        let request =
            Request::get(format!("http://localhost:8080{path}")).body(Bytes::new()).expect("a request");
        self.http_client_from("192.0.2.9").send(request).await.status()
    }

    /// When the last probe wrote its row.
    async fn proved_at(&self) -> Option<Timestamp> {
        let row = settings::find(&self.app.storage, "readiness").await.expect("an answer");
        row.map(|value| Timestamp(value["proved_at"].as_i64().expect("milliseconds")))
    }

    /// How often its row was written.
    async fn writes(&self) -> i64 {
        let row = settings::find(&self.app.storage, "readiness").await.expect("an answer");
        row.map_or(0, |value| value["writes"].as_i64().expect("a count"))
    }
}

#[tokio::test]
async fn readiness_writes_one_row_for_all_who_ask_and_none_when_no_one_asks() {
    let test_app = TestApp::new().await;
    test_app.clock.advance(3600);
    assert_eq!((test_app.writes().await, test_app.proved_at().await), (0, None));

    let answers =
        join_all((0..ASKERS).map(|asker| test_app.ask(if asker % 2 == 0 { "/readyz" } else { "/healthz" })));
    assert!(answers.await.iter().all(|status| *status == StatusCode::OK));
    assert_eq!(test_app.writes().await, 1);

    test_app.clock.advance(4);
    join_all((0..ASKERS).map(|_| test_app.ask("/readyz"))).await;
    assert_eq!(test_app.writes().await, 1, "the last result is served for 5 s");

    test_app.clock.advance(1);
    join_all((0..ASKERS).map(|_| test_app.ask("/readyz"))).await;
    assert_eq!(test_app.writes().await, 2);
    assert_eq!(test_app.proved_at().await, Some(test_app.app.now()));

    test_app.clock.advance(3600);
    assert_eq!(test_app.ask("/livez").await, StatusCode::OK);
    assert_eq!(test_app.writes().await, 2, "no one asked");
}
