//! PostgreSQL is unavailable for a while: requests get 503 with Retry-After, and the server recovers without
//! a restart.

use crate::support::{
    phone::Phone,
    process::Process,
    push_sign_in::{approve, enroll, go_on, hear, listen, send_request, to_second_factor},
    relying_party::RelyingParty,
    test_database::TestDatabase,
};
use countersign::clock::{Clock, SystemClock};
use futures_util::future::join_all;
use http::{HeaderMap, Method, Request, StatusCode, header};
use hyper::body::Bytes;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

/// A proxy between the server and its database.
struct Line {
    port: u16,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    Cut,
    /// Keeps all connections open and forwards nothing.
    Silent,
}

impl Line {
    async fn to(database: &Url) -> Self {
        let host = database.host_str().expect("a host").to_owned();
        let server = (host, database.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, state) = watch::channel(State::Whole);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if *state.borrow() != State::Cut {
                    tokio::spawn(carry(near, server.clone(), state.clone()));
                }
            }
        });
        Self { port, state: sender }
    }

    fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    fn fall_silent(&self) {
        self.state.send_replace(State::Silent);
    }

    /// Forwards new connections; silent ones stay silent.
    fn mend(&self) {
        self.state.send_replace(State::Whole);
    }
}

async fn carry(mut near: TcpStream, server: (String, u16), mut state: watch::Receiver<State>) {
    let Ok(mut far) = TcpStream::connect(server).await else { return };
    let is_silent = tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => false,
        changed = state.wait_for(|state| *state != State::Whole) => changed.is_ok_and(|state| *state == State::Silent),
    };
    if is_silent {
        std::future::pending::<()>().await;
    }
}

/// A server that is ready, and the proxy between it and PostgreSQL; `None` on SQLite, whose file cannot become
/// unavailable like this.
async fn behind_a_proxy(database: &TestDatabase) -> Option<(Line, Process)> {
    let mut address = Url::parse(database.url()).expect("a URL");
    let line = if database.is_postgres() { Some(Line::to(&address).await) } else { None };
    if let Some(line) = &line {
        address.set_host(Some("127.0.0.1")).expect("a host");
        address.set_port(Some(line.port)).expect("a port");
    }
    let node = Process::start(address.as_str()).await;
    assert_eq!(get(&node, "/readyz", &[]).await.0, StatusCode::OK);
    line.map(|line| (line, node))
}

/// Waits until the server is ready again, without a restart.
async fn comes_back(node: &mut Process) {
    for attempt in 0.. {
        if get(node, "/readyz", &[]).await.0 == StatusCode::OK {
            break;
        }
        assert!(attempt < 20, "it does not come back");
        SystemClock.sleep_until(SystemClock.now().plus_seconds(1)).await;
    }
    assert!(node.is_running());
}

/// The path of an authorization request, and a cookie with a session, which the server looks up in the database.
async fn request_of_a_session(node: &Process, app: &RelyingParty) -> (String, String) {
    let address = app.ask().await.address();
    let path = address.strip_prefix(node.said("issuer")).expect("an address of the server");
    (path.to_owned(), format!("countersign_session={}", "A".repeat(43)))
}

#[tokio::test]
async fn requests_get_503_while_the_database_is_away_and_succeed_afterwards() {
    let database = TestDatabase::new().await;
    let Some((line, mut node)) = behind_a_proxy(&database).await else { return };
    let (app, mut browser, mut phone) = (node.relying_party(), node.browser(), node.phone());
    let (ask, page) = to_second_factor(&node, &mut browser, &app).await;
    let page = enroll(&mut browser, &page, &mut phone).await;
    let page = send_request(&mut browser, &page).await;
    let stream = listen(&mut browser, &page).await;
    phone.open_challenges().await.expect("a list");
    assert_eq!(get(&node, "/readyz", &[]).await.0, StatusCode::OK);

    line.cut();
    requests_get_503(&node, &app, &phone).await;
    let refused = browser.send(page.form("I have approved it").press("I have approved it")).await;
    assert_away("POST /signin/push", (refused.status, refused.headers));

    line.mend();
    comes_back(&mut node).await;
    approve(&page, &mut phone).await;
    hear(&mut browser, &page, stream, "approved").await;
    let page = go_on(&mut browser, &page).await;
    let code = app.receive(&ask, &page).expect("a code");
    app.redeem(&ask, &code).await.expect("tokens");
}

#[tokio::test]
async fn a_database_that_hangs_is_answered_503_and_its_connections_are_replaced_when_it_is_back() {
    let database = TestDatabase::new().await;
    let Some((line, mut node)) = behind_a_proxy(&database).await else { return };
    line.fall_silent();
    let (asked, session) = request_of_a_session(&node, &node.relying_party()).await;
    let (asked, headers) = (asked.as_str(), [("cookie", session.as_str())]);
    // More requests than the pool has connections.
    let answers = join_all((0..20).map(|_| get(&node, asked, &headers))).await;
    for answer in answers {
        assert_away("/authorize", answer);
    }
    readiness_is_refused(&node).await;
    assert_eq!(get(&node, "/livez", &[]).await.0, StatusCode::OK);
    assert_eq!(node.logged("the database does not serve"), 1);

    line.mend();
    comes_back(&mut node).await;
    assert_eq!(get(&node, asked, &headers).await.0, StatusCode::SEE_OTHER);
    assert_eq!(node.logged("the database does not serve"), 1);
}

async fn requests_get_503(node: &Process, app: &RelyingParty, phone: &Phone) {
    let challenges = "/device/v1/challenges";
    let proof = phone.proof(&Method::GET, challenges, b"", false);
    let (asked, session) = request_of_a_session(node, app).await;
    for (path, header) in
        [(asked.as_str(), ("cookie", session.as_str())), (challenges, ("device-proof", proof.as_str()))]
    {
        assert_away(path, get(node, path, &[header]).await);
    }
    let form = format!(
        "grant_type=refresh_token&refresh_token=cs_rt_{}&client_id={}&client_secret={}",
        "A".repeat(43),
        node.said("client_id"),
        node.said("client_secret")
    );
    let request = Request::post(format!("{}/token", node.said("issuer")))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = node.http_client().send(request.body(form.into()).expect("a request")).await;
    assert_away("POST /token", (answer.status(), answer.headers().clone()));
    assert_eq!(get(node, "/livez", &[]).await.0, StatusCode::OK);
    readiness_is_refused(node).await;
}

/// `/readyz` answers 503; not at once, because the last success is served for 5 s.
async fn readiness_is_refused(node: &Process) {
    for attempt in 0.. {
        let answer = get(node, "/readyz", &[]).await;
        if answer.0 != StatusCode::OK || attempt == 10 {
            return assert_away("/readyz", answer);
        }
        SystemClock.sleep_until(SystemClock.now().plus_seconds(1)).await;
    }
}

fn assert_away(what: &str, (status, headers): (StatusCode, HeaderMap)) {
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
    let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = seconds.and_then(|text| text.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "{what}: no Retry-After in {headers:?}");
}

async fn get(node: &Process, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap) {
    let mut request = Request::get(format!("{}{path}", node.said("issuer")));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = node.http_client().send(request.body(Bytes::new()).expect("a request")).await;
    (answer.status(), answer.headers().clone())
}
