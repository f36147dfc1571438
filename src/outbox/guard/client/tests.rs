use super::*;
use futures_util::future::BoxFuture;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Every name is loopback; counts how often it was asked.
#[derive(Default)]
struct Loopback(AtomicUsize);

impl Lookup for Loopback {
    fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) })
    }
}

fn guard(allowed: &[&str]) -> Guard {
    Guard::new(allowed.iter().map(|text| text.parse().unwrap()).collect(), PushHosts::with(&[]).unwrap())
}

fn post(url: &str) -> http::Request<Vec<u8>> {
    http::Request::post(url).body(b"message".to_vec()).unwrap()
}

/// A server on loopback that gives every connection the same bytes; returns its port.
async fn server(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    port
}

/// The same, but connections stay open.
async fn server_that_stays(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(&answer).await;
            open.push(stream);
        }
    });
    port
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

#[tokio::test]
async fn hostile_addresses_are_refused_before_anything_is_sent() {
    let guard = guard(&["http://localhost:9000"]);
    for url in [
        "http://push.example/",
        "https://push.example:8443/",
        "https://user@push.example/",
        "https://user:password@push.example/",
        "https://:password@push.example/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://localhost:9000/",
        "http://127.0.0.1:9000/",
        "http://localhost:9001/",
        "http://user@localhost:9000/",
        "ftp://push.example/",
    ] {
        let error = guard.send(post(url)).await.unwrap_err();
        assert!(error.is_refused(), "{url}: {}", error.detail());
        assert_eq!(error.to_string(), "the address could not be reached", "{url}");
    }
}

#[tokio::test]
async fn an_opened_origin_is_reached_although_it_is_on_loopback() {
    let port = server(answer("201 Created", b"queued")).await;
    let opened = format!("http://localhost:{port}");
    let answer = guard(&[&opened]).send(post(&format!("{opened}/push/1"))).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (201, &b"queued"[..]));

    let error = guard(&[]).send(post(&format!("{opened}/push/1"))).await.unwrap_err();
    assert!(error.is_refused());
}

#[tokio::test]
async fn a_name_is_judged_at_every_connection() {
    let lookup = Arc::new(Loopback::default());
    let guard =
        Guard::with_lookup(vec![], PushHosts::with(&[]).unwrap(), Arc::clone(&lookup) as Arc<dyn Lookup>);
    for asked in 1..=2 {
        let error = guard.send(post("https://rebinding.example/")).await.unwrap_err();
        assert!(error.is_refused(), "{}", error.detail());
        assert_eq!(lookup.0.load(Ordering::SeqCst), asked);
    }
}

#[tokio::test]
async fn closed_and_filtered_and_refused_look_alike_to_the_caller() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    drop(listener);
    let guard = guard(&[&closed]);
    let nobody_there = guard.send(post(&closed)).await.unwrap_err();
    let refused = guard.send(post("https://10.0.0.1/")).await.unwrap_err();
    assert_eq!(nobody_there.to_string(), refused.to_string());
    assert!(!nobody_there.is_refused() && refused.is_refused());
    assert!(!nobody_there.detail().contains(&closed), "a capability stays out of the log");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let inner = server(answer("200 OK", b"secret")).await;
    let port =
        server(answer(&format!("307 Temporary Redirect\r\nlocation: http://localhost:{inner}/"), b"")).await;
    let (first, second) = (format!("http://localhost:{port}"), format!("http://localhost:{inner}"));
    let guard = guard(&[&first, &second]);
    assert_eq!(guard.send(post(&first)).await.unwrap().status().as_u16(), 307);
    assert_eq!(guard.send(post(&second)).await.unwrap().body().as_slice(), b"secret");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    for (length, is_read) in
        [(MAX_RESPONSE_BYTES, MAX_RESPONSE_BYTES), (MAX_RESPONSE_BYTES + 1, MAX_RESPONSE_BYTES)]
    {
        let port = server(answer("201 Created", &vec![b'x'; length])).await;
        let opened = format!("http://localhost:{port}");
        let read = guard(&[&opened]).send(post(&opened)).await.unwrap();
        assert_eq!((read.status().as_u16(), read.body().len()), (201, is_read), "{length}");
    }
}

#[tokio::test]
async fn a_server_that_never_ends_is_given_up_and_what_it_answered_stands() {
    let complete = answer("201 Created", b"done");
    let (half, without_body) =
        (complete.strip_suffix(b"ne").unwrap(), complete.strip_suffix(b"done").unwrap());
    for (sent, body) in
        [(&*complete, Some("done")), (half, Some("do")), (without_body, Some("")), (b"", None)]
    {
        let opened = format!("http://localhost:{}", server_that_stays(sent.to_vec()).await);
        let guard = Guard { total_timeout: Duration::from_millis(500), ..guard(&[&opened]) };
        match (guard.send(post(&opened)).await, body) {
            (Ok(read), Some(body)) => {
                assert_eq!((read.status().as_u16(), read.body().as_slice()), (201, body.as_bytes()));
            }
            (Err(error), None) => assert!(error.detail().contains("timed out"), "{}", error.detail()),
            (read, _) => panic!("{body:?}: {read:?}"),
        }
    }
}

#[test]
fn a_subscription_may_name_known_push_services_and_opened_origins() {
    let guard = guard(&["http://localhost:9000"]);
    let check = |text: &str| guard.check_push_endpoint(&Url::parse(text).unwrap());
    for good in
        ["https://fcm.googleapis.com/fcm/send/abc", "https://web.push.apple.com/Q", "http://localhost:9000/1"]
    {
        assert!(check(good).is_ok(), "{good}");
    }
    for bad in [
        "https://evil.example/",
        "http://fcm.googleapis.com/",
        "https://fcm.googleapis.com:8443/",
        "https://fcm.googleapis.com@evil.example/",
        "https://8.8.8.8/",
        "http://localhost:9001/",
    ] {
        assert!(check(bad).unwrap_err().is_refused(), "{bad}");
    }
}
