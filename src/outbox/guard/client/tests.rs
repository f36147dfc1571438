use super::*;
use futures_util::future::BoxFuture;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Resolves every name to loopback and counts the lookups.
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

/// Starts a server on loopback that answers every connection with the same bytes; returns its port.
async fn server(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    port
}

/// As [`server`], with connections that stay open.
async fn server_that_stays(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
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
async fn hostile_addresses_are_refused_before_a_request_is_sent() {
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
async fn an_allowed_origin_is_reached_although_it_is_on_loopback() {
    let port = server(answer("201 Created", b"queued")).await;
    let opened = format!("http://localhost:{port}");
    let answer = guard(&[&opened]).send(post(&format!("{opened}/push/1"))).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (201, &b"queued"[..]));

    let error = guard(&[]).send(post(&format!("{opened}/push/1"))).await.unwrap_err();
    assert!(error.is_refused());
}

#[tokio::test]
async fn a_name_is_resolved_and_checked_at_every_connection() {
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
async fn an_unreachable_and_a_refused_address_give_the_caller_the_same_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    drop(listener);
    let guard = guard(&[&closed]);
    let unreachable = guard.send(post(&closed)).await.unwrap_err();
    let refused = guard.send(post("https://10.0.0.1/")).await.unwrap_err();
    assert_eq!(unreachable.to_string(), refused.to_string());
    assert!(!unreachable.is_refused() && refused.is_refused());
    assert!(!unreachable.detail().contains(&closed), "a capability stays out of the log");
}

#[tokio::test]
async fn a_redirect_is_returned_and_not_followed() {
    let inner = server(answer("200 OK", b"secret")).await;
    let port =
        server(answer(&format!("307 Temporary Redirect\r\nlocation: http://localhost:{inner}/"), b"")).await;
    let (first, second) = (format!("http://localhost:{port}"), format!("http://localhost:{inner}"));
    let guard = guard(&[&first, &second]);
    assert_eq!(guard.send(post(&first)).await.unwrap().status().as_u16(), 307);
    assert_eq!(guard.send(post(&second)).await.unwrap().body().as_slice(), b"secret");
}

#[tokio::test]
async fn a_response_body_beyond_the_limit_is_cut_off() {
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
async fn a_response_that_never_ends_is_returned_with_the_part_that_arrived() {
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
fn a_subscription_may_use_known_push_services_and_allowed_origins() {
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

/// Returns the log lines written while `work` runs.
fn logged(work: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_refused_push_host_is_logged_once_with_its_setting_and_without_its_endpoint() {
    let guard = guard(&[]);
    let log = logged(|| {
        for path in ["capability-MARK", "other-MARK"] {
            let endpoint = Url::parse(&format!("https://push.evil.example/{path}?key=MARK")).unwrap();
            let refused = guard.check_push_endpoint(&endpoint).unwrap_err();
            assert_eq!(refused.refused_by(), Some(RefusedEndpoint::Host));
            assert!(refused.detail().contains("push.hosts") && !refused.detail().contains("MARK"));
        }
        assert!(guard.check_push_endpoint(&Url::parse("https://fcm.googleapis.com/MARK").unwrap()).is_ok());
    });
    assert_eq!(log.matches("push.evil.example").count(), 1, "{log}");
    assert!(log.contains("push.hosts") && !log.contains("MARK") && !log.contains("fcm"), "{log}");
}
