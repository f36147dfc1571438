//! Tests of the server over real sockets, byte by byte.

use super::{Listeners, ServerSettings, serve};
use crate::{clock::SystemClock, entropy::SystemEntropy};
use futures_util::stream;
use poem::{Body, Endpoint, Request, Response, Route, endpoint::make_sync};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};

const DEADLINE: Duration = Duration::from_millis(150);
const IDLE: Duration = Duration::from_millis(600);

struct TestServer {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// Starts a server that responds with the request as it understood it.
async fn server(change: impl FnOnce(&mut ServerSettings)) -> TestServer {
    let understood = |request: Request| {
        let body = request.headers().get("x-body").is_some();
        format!("{} {} {body}", request.method(), request.uri())
    };
    let endless = |_| Body::from_bytes_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let routes = Route::new().at("/endless", make_sync(endless)).at("/*path", make_sync(understood));
    server_of(poem::EndpointExt::map_to_response(routes), change).await
}

async fn server_of(
    endpoint: impl Endpoint<Output = Response> + 'static,
    change: impl FnOnce(&mut ServerSettings),
) -> TestServer {
    let listeners = Listeners::open("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listeners.address();
    let mut settings = ServerSettings {
        head_deadline: DEADLINE,
        idle_deadline: IDLE,
        closing_deadline: DEADLINE,
        stall_deadline: IDLE,
        ..ServerSettings::default()
    };
    change(&mut settings);
    let (stop, stopped) = oneshot::channel();
    let stopped = async move { drop(stopped.await) };
    let served = tokio::spawn(serve(
        listeners,
        endpoint,
        settings,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
        stopped,
    ));
    TestServer { address, stop, served }
}

impl TestServer {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `bytes` and returns the response and the time until the server closes the connection.
    async fn exchange(&self, bytes: &str) -> (String, Duration) {
        let mut socket = self.connect().await;
        socket.write_all(bytes.as_bytes()).await.unwrap();
        until_closed(&mut socket).await
    }
}

#[expect(clippy::disallowed_methods, reason = "the test measures the deadline from outside")]
async fn until_closed(socket: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut received = Vec::new();
    // A reset counts as closed.
    let closed = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut received)).await;
    assert!(closed.is_ok(), "the server kept the connection open");
    (String::from_utf8_lossy(&received).into_owned(), began.elapsed())
}

/// Reads one complete response with a `Content-Length`.
async fn one_answer(socket: &mut TcpStream) -> String {
    let mut received = String::new();
    let mut part = [0; 1024];
    loop {
        let read = socket.read(&mut part).await.unwrap();
        assert!(read > 0, "closed after {received:?}");
        received.push_str(std::str::from_utf8(&part[..read]).unwrap());
        let Some((head, body)) = received.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= length.parse().unwrap() {
            return received;
        }
    }
}

const GET: &str = "GET /a?b=c HTTP/1.1\r\nHost: id.example\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered_and_the_connection_kept_for_the_next() {
    let server = server(|_| {}).await;
    let mut socket = server.connect().await;
    for _ in 0..3 {
        socket.write_all(GET.as_bytes()).await.unwrap();
        let answer = one_answer(&mut socket).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("GET /a?b=c false"), "{answer}");
    }
    let (rest, waited) = until_closed(&mut socket).await;
    assert_eq!(rest, "");
    assert!(waited >= IDLE - Duration::from_millis(50), "idle connections are kept: {waited:?}");
}

#[tokio::test]
async fn half_a_request_is_closed_at_the_deadline() {
    let server = server(|_| {}).await;
    for half in ["", "G", "GET / HTTP/1.1\r\nHost: id.example\r\nX-Slow: ", "PRI * HTTP/2.0\r\n\r\nSM"] {
        let (answer, waited) = server.exchange(half).await;
        assert!(!answer.contains("200"), "{answer}");
        assert!(waited >= DEADLINE - Duration::from_millis(20) && waited < IDLE, "{half:?}: {waited:?}");
    }
}

#[tokio::test]
async fn half_a_second_request_has_the_same_deadline() {
    let server = server(|_| {}).await;
    let mut socket = server.connect().await;
    socket.write_all(GET.as_bytes()).await.unwrap();
    one_answer(&mut socket).await;
    socket.write_all(b"GET / HT").await.unwrap();
    let (_, waited) = until_closed(&mut socket).await;
    assert!(waited < IDLE - Duration::from_millis(100), "{waited:?}");
}

#[tokio::test]
async fn single_bytes_do_not_extend_the_deadline() {
    let server = server(|_| {}).await;
    let socket = server.connect().await;
    let (mut reader, mut writer) = socket.into_split();
    let drip = tokio::spawn(async move {
        let mut tick = tokio::time::interval(DEADLINE / 5);
        while writer.write_all(b"a").await.is_ok() {
            tick.tick().await;
        }
    });
    let mut received = Vec::new();
    let closed = tokio::time::timeout(DEADLINE * 4, reader.read_to_end(&mut received)).await;
    drip.abort();
    assert!(closed.is_ok(), "still open after four deadlines");
}

#[tokio::test]
async fn a_response_in_progress_has_no_deadline() {
    let server = server(|_| {}).await;
    let mut socket = server.connect().await;
    socket.write_all(GET.replace("/a?b=c", "/endless").as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let ended = tokio::time::timeout(IDLE * 2, socket.read_to_end(&mut received)).await;
    assert!(ended.is_err(), "a response in progress was cut");
}

#[tokio::test]
async fn a_peer_that_reads_nothing_is_disconnected() {
    let flood =
        |_| Body::from_bytes_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0_u8; 65_536])));
    let endpoint = poem::EndpointExt::map_to_response(make_sync(flood));
    let server = server_of(endpoint, |settings| settings.stall_deadline = DEADLINE).await;
    let mut socket = server.connect().await;
    socket.write_all(GET.as_bytes()).await.unwrap();
    let mut watch = tokio::time::interval(DEADLINE);
    for _ in 0..4 {
        watch.tick().await;
    }
    drop(server.stop);
    // Nothing is left to wait for: the connection was closed while the peer read nothing.
    assert!(tokio::time::timeout(DEADLINE / 2, server.served).await.is_ok());
}

#[tokio::test]
async fn an_ambiguous_message_is_refused_and_the_connection_closed() {
    let server = server(|_| {}).await;
    let fine = "POST /p HTTP/1.1\r\nHost: id.example\r\nContent-Length: 1\r\n\r\na";
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: id.example\r\n\r\n";
    for (defect, request) in [
        ("none", fine.to_owned()),
        ("two lengths", fine.replace("Content-Length: 1", "Content-Length: 1\r\nContent-Length: 2")),
        (
            "the same length twice",
            fine.replace("Content-Length: 1", "Content-Length: 1\r\nContent-Length: 1"),
        ),
        (
            "length and coding",
            fine.replace("Content-Length: 1", "Content-Length: 1\r\nTransfer-Encoding: chunked"),
        ),
        (
            "coding and length",
            fine.replace("Content-Length: 1", "Transfer-Encoding: chunked\r\nContent-Length: 1"),
        ),
        ("signed length", fine.replace("Content-Length: 1", "Content-Length: +1")),
        ("unknown coding", fine.replace("Content-Length: 1", "Transfer-Encoding: xchunked")),
        ("bare line feeds", fine.replace("\r\n", "\n")),
        ("one bare line feed", fine.replacen("\r\n", "\n", 1)),
        ("folded field", fine.replace("Content-Length: 1", "X-Folded: a\r\n b\r\nContent-Length: 1")),
        ("space before colon", fine.replace("Content-Length: 1", "Content-Length : 1")),
        ("NUL", fine.replace("id.example", "id\0example")),
        ("space in name", fine.replace("Content-Length: 1", "Content Length: 1")),
    ] {
        let (answer, _) = server.exchange(&format!("{request}{smuggled}")).await;
        if defect == "none" {
            assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
        } else {
            assert!(answer.starts_with("HTTP/1.1 400"), "{defect}: {answer:?}");
            assert!(answer.contains("nosniff") && answer.contains("malformed_request"), "{answer:?}");
            let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: "));
            assert_eq!(id.map(str::len), Some(22), "{defect}: {answer:?}");
            assert!(!answer.contains("smuggled"), "{defect}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn the_connection_ends_after_a_chunked_request() {
    let server = server(|_| {}).await;
    let chunked =
        "POST /p HTTP/1.1\r\nHost: id.example\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    let (answer, _) = server.exchange(&format!("{chunked}GET /smuggled HTTP/1.1\nHost: a\n\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    assert!(!answer.contains("smuggled"), "{answer}");
}

#[tokio::test]
async fn the_answer_to_too_many_header_fields_names_the_limit() {
    let server = server(|_| {}).await;
    let ask = async |fields| {
        let surplus = "X: a\r\n".repeat(fields);
        server.exchange(&format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{surplus}\r\n")).await.0
    };
    let answer = ask(150).await;
    assert!(answer.starts_with("HTTP/1.1 431") && answer.contains("more than 100 header fields"), "{answer}");
    assert!(ask(50).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_chunked_request_does_not_end_the_connection_before_its_own_response() {
    let server = server(|_| {}).await;
    let chunked = "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let (answer, _) = server.exchange(&format!("{GET}{chunked}")).await;
    let (first, second) = answer.split_once("GET /a?b=c false").unwrap();
    assert!(first.starts_with("HTTP/1.1 200") && !first.contains("connection: close"), "{answer}");
    assert!(second.starts_with("HTTP/1.1 200") && second.contains("connection: close"), "{answer}");
}

/// Serves `/slow`, which responds when it is released, and `/large`, which has 4 MB.
async fn slow_server() -> (TestServer, Arc<Semaphore>) {
    let released = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&released);
    let slow = poem::endpoint::make(move |_| {
        let gate = Arc::clone(&gate);
        async move {
            let permit = gate.acquire().await;
            Ok::<_, poem::Error>(format!("released {}", permit.is_ok()))
        }
    });
    let large = make_sync(|_| "a".repeat(LARGE_BYTES));
    let routes = Route::new().at("/slow", slow).at("/large", large);
    (server_of(poem::EndpointExt::map_to_response(routes), |_| {}).await, released)
}

const LARGE_BYTES: usize = 4_000_000;
const MALFORMED: &str = "GET / HTTP/1.1\nHost: a\n\n";

#[tokio::test]
async fn a_refusal_waits_for_the_responses_before_it() {
    let (server, released) = slow_server().await;
    let mut socket = server.connect().await;
    let slow = GET.replace("/a?b=c", "/slow");
    socket.write_all(format!("{slow}{slow}{MALFORMED}").as_bytes()).await.unwrap();
    let early = tokio::time::timeout(DEADLINE, socket.read_u8()).await;
    assert!(early.is_err(), "the refusal came before the response");
    released.add_permits(1);
    let (answer, _) = until_closed(&mut socket).await;
    let parts: Vec<&str> = answer.split("released true").collect();
    assert!(parts.len() == 3 && parts[..2].iter().all(|part| part.starts_with("HTTP/1.1 200")), "{answer}");
    assert!(parts[2].starts_with("HTTP/1.1 400") && parts[2].ends_with('}'), "{answer}");
}

#[tokio::test]
async fn a_refusal_does_not_cut_the_response_before_it() {
    let (server, _) = slow_server().await;
    let mut socket = server.connect().await;
    let large = GET.replace("/a?b=c", "/large");
    socket.write_all(format!("{large}{MALFORMED}").as_bytes()).await.unwrap();
    let mut tick = tokio::time::interval(DEADLINE);
    tick.tick().await;
    tick.tick().await; // the system's buffers are full
    let (answer, _) = until_closed(&mut socket).await;
    let (_, rest) = answer.split_once(&"a".repeat(LARGE_BYTES)).unwrap();
    assert!(rest.starts_with("HTTP/1.1 400"), "{rest}");
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = server(|_| {}).await;
    let (mut reader, mut writer) = server.connect().await.into_split();
    let request = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(2_000_000));
    let sent = tokio::spawn(async move {
        writer.write_all(request.as_bytes()).await.unwrap();
        writer.shutdown().await.unwrap();
    });
    let mut received = Vec::new();
    reader.read_to_end(&mut received).await.unwrap();
    sent.await.unwrap();
    let answer = String::from_utf8(received).unwrap();
    assert!(answer.starts_with("HTTP/1.1 414") && answer.ends_with('}'), "{answer}");
}

#[tokio::test]
async fn a_client_that_never_stops_sending_is_disconnected_after_its_refusal() {
    let server = server(|_| {}).await;
    let (mut reader, mut writer) = server.connect().await.into_split();
    writer.write_all(MALFORMED.as_bytes()).await.unwrap();
    let flood = tokio::spawn(async move { while writer.write_all(&[b'a'; 1_000]).await.is_ok() {} });
    let mut received = Vec::new();
    let _ = reader.read_to_end(&mut received).await;
    assert!(received.starts_with(b"HTTP/1.1 400"));
    assert!(tokio::time::timeout(Duration::from_secs(5), flood).await.is_ok());
}

#[tokio::test]
async fn a_request_that_arrives_in_parts_is_still_served_at_shutdown() {
    let server = server(|settings| {
        settings.head_deadline = Duration::from_secs(5);
        settings.closing_deadline = Duration::from_secs(5);
    })
    .await;
    let mut socket = server.connect().await;
    socket.write_all(GET.as_bytes()).await.unwrap();
    one_answer(&mut socket).await;
    let (start, end) = GET.split_at(20);
    socket.write_all(start.as_bytes()).await.unwrap();
    let mut tick = tokio::time::interval(DEADLINE);
    tick.tick().await;
    tick.tick().await; // the first part has arrived
    server.stop.send(()).unwrap();
    tick.tick().await;
    socket.write_all(end.as_bytes()).await.unwrap();
    let (answer, waited) = until_closed(&mut socket).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer:?}");
    assert!(waited < DEADLINE, "{waited:?}");
    server.served.await.unwrap();
}

#[tokio::test]
async fn an_authority_alone_is_no_valid_target() {
    let server = server(|_| {}).await;
    let ask = async |target| {
        let line = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        server.exchange(&line).await.0
    };
    assert!(ask("/a").await.ends_with("GET /a false"));
    let answer = ask("id.example:443").await;
    assert!(
        !answer.ends_with("GET / false"),
        "the target must stay unchanged, so that it is refused: {answer}"
    );
}

#[tokio::test]
async fn an_absolute_target_is_handled_like_its_path() {
    let server = server(|_| {}).await;
    let close = GET.replace("Host", "Connection: close\r\nHost");
    for target in ["/a?b=c", "http://evil.example/a?b=c", "https://evil.example:99/a?b=c"] {
        let (answer, _) = server.exchange(&close.replace("/a?b=c", target)).await;
        assert!(answer.ends_with("GET /a?b=c false"), "{target}: {answer}");
    }
}

#[tokio::test]
async fn a_head_far_over_the_limit_is_refused() {
    let server = server(|_| {}).await;
    for (field, count) in [(format!("X: {}\r\n", "a".repeat(70_000)), 1), ("X: a\r\n".to_owned(), 101)] {
        let (answer, _) =
            server.exchange(&GET.replace("Host", &format!("{}Host", field.repeat(count)))).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let (answer, _) = server.exchange(&GET.replace("b=c", &"b".repeat(70_000))).await;
    assert!(answer.starts_with("HTTP/1.1 414") && answer.contains("8192 bytes"), "{answer}");
}

#[tokio::test]
async fn a_connection_over_the_limit_gets_503() {
    let server = server(|settings| {
        settings.connections_per_source = 1;
        settings.uncounted.clear();
    })
    .await;
    let mut first = server.connect().await;
    first.write_all(GET.as_bytes()).await.unwrap();
    one_answer(&mut first).await;
    let mut second = server.connect().await;
    let (answer, _) = until_closed(&mut second).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 5"), "{answer}");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("a request id");
    assert!(answer.contains(&format!(r#""request_id":"{id}""#)), "{answer}");
    drop(first);
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..50 {
        tick.tick().await;
        let (answer, _) = server.exchange(&GET.replace("Host", "Connection: close\r\nHost")).await;
        if answer.starts_with("HTTP/1.1 200") {
            return;
        }
    }
    panic!("the place of the first connection was never released");
}

#[tokio::test]
async fn shutdown_closes_idle_connections_immediately_and_the_others_at_the_deadline() {
    let server = server(|settings| settings.head_deadline = Duration::from_secs(5)).await;
    let mut idle = server.connect().await;
    idle.write_all(GET.as_bytes()).await.unwrap();
    one_answer(&mut idle).await;
    let mut waiting = server.connect().await;
    waiting.write_all(GET.replace("/a?b=c", "/endless").as_bytes()).await.unwrap();
    waiting.read_u8().await.unwrap();
    server.stop.send(()).unwrap();
    let (_, waited) = until_closed(&mut idle).await;
    assert!(waited < DEADLINE, "{waited:?}");
    until_closed(&mut waiting).await;
    server.served.await.unwrap();
}

#[tokio::test]
async fn http_2_is_spoken_with_prior_knowledge() {
    let server = server(|_| {}).await;
    let mut socket = server.connect().await;
    // Preface, empty SETTINGS, HEADERS of stream 1 from the static table: GET, http, /, host as authority.
    let headers = [0x82, 0x86, 0x84, 0x41, 0x01, b'a'];
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    bytes.extend_from_slice(&[0, 0, 6, 0x01, 0x05, 0, 0, 0, 1]);
    bytes.extend_from_slice(&headers);
    socket.write_all(&bytes).await.unwrap();
    let (received, waited) = until_closed(&mut socket).await;
    assert!(received.contains("GET / false"), "{received:?}");
    assert!(waited >= IDLE - Duration::from_millis(50), "{waited:?}");
}
