//! PostgreSQL becomes read-only, as at a switch-over, and later writable: the server recovers without a
//! restart.

use crate::support::{
    page::Page, process::Process, relying_party::RelyingParty, test_database::TestDatabase,
};
use countersign::{
    clock::{Clock, SystemClock, Timestamp},
    storage::{PoolSize, Storage, Topic, settings},
};
use http::{Request, StatusCode, header};
use hyper::body::Bytes;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

/// The longest recovery on a loaded machine.
const LONGEST_RETURN: Duration = Duration::from_secs(30);

/// The operator of the database, connected before the change, so that the session can still write.
struct Administrator {
    connection: DatabaseConnection,
    name: String,
}

impl Administrator {
    async fn of(database: &TestDatabase) -> Self {
        let mut options = ConnectOptions::new(database.url());
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await.expect("the database is there");
        let name = Url::parse(database.url()).expect("a URL").path().trim_start_matches('/').to_owned();
        Self { connection, name }
    }

    async fn run(&self, statement: &str) {
        self.connection
            .execute_unprepared(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// New sessions are read-only, and the old ones end.
    async fn turn_read_only(&self) {
        self.run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", self.name)).await;
        let others = "datname = current_database() AND pid <> pg_backend_pid()";
        self.run(&format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {others}"))
            .await;
    }

    /// The number of other sessions.
    async fn other_sessions(&self) -> i64 {
        let question = "SELECT count(*) AS count FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let question = Statement::from_string(DbBackend::Postgres, question);
        let row = self.connection.query_one_raw(question).await.expect("an answer").expect("a row");
        row.try_get("", "count").expect("a number")
    }

    /// New sessions write again. Those that are open stay read-only.
    async fn turn_writable(&self) {
        self.run(&format!("ALTER DATABASE {} RESET default_transaction_read_only", self.name)).await;
    }
}

#[tokio::test]
async fn a_database_that_turns_read_only_is_answered_503_and_serves_again_without_a_restart() {
    let database = TestDatabase::new().await;
    let mut node = Process::start(database.url()).await;
    assert_eq!(ready(&node).await, StatusCode::OK);
    if !database.is_postgres() {
        return;
    }
    let administrator = Administrator::of(&database).await;
    let app = node.relying_party();
    assert_eq!(name_is_taken(&node, &app).await.status, StatusCode::OK);

    administrator.turn_read_only().await;
    for _ in 0..3 {
        let refused = name_is_taken(&node, &app).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.summary());
        assert!(refused.headers.contains_key(header::RETRY_AFTER), "{:?}", refused.headers);
    }
    becomes_ready(&node, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(node.logged("the database does not serve"), 1);
    assert_eq!(node.logged("the database serves again"), 0);

    administrator.turn_writable().await;
    becomes_ready(&node, StatusCode::OK).await;
    // Logged with the first write after a second without a failure.
    for attempt in 0.. {
        assert_eq!(name_is_taken(&node, &app).await.status, StatusCode::OK);
        if node.logged("the database serves again") > 0 {
            break;
        }
        assert!(attempt < 20, "no line says that the database serves again");
        SystemClock.sleep_until(SystemClock.now().plus_seconds(1)).await;
    }
    assert_eq!(node.logged("the database does not serve"), 1);
    assert_eq!(node.logged("the database serves again"), 1);
    assert!(node.is_running());
}

/// The first page of a sign-in takes a name, which is written.
async fn name_is_taken(node: &Process, app: &RelyingParty) -> Page {
    let mut browser = node.browser();
    let page = browser.go(&app.ask().await.address()).await;
    browser.send(page.form("username").fill("username", node.said("username")).submit()).await
}

async fn ready(node: &Process) -> StatusCode {
    let request =
        Request::get(format!("{}/readyz", node.said("issuer"))).body(Bytes::new()).expect("a request");
    node.http_client().send(request).await.status()
}

async fn becomes_ready(node: &Process, status: StatusCode) {
    let waited = async {
        while ready(node).await != status {
            SystemClock.sleep_until(SystemClock.now().plus_seconds(1)).await;
        }
    };
    tokio::time::timeout(LONGEST_RETURN, waited)
        .await
        .unwrap_or_else(|_| panic!("/readyz is never {status}"));
}

/// A name of the primary: new connections go to the current primary, and old ones stay.
struct Name {
    url: Url,
    database: watch::Sender<String>,
}

impl Name {
    async fn of(database: &TestDatabase) -> Self {
        let mut url = Url::parse(database.url()).expect("a URL");
        let server = (url.host_str().expect("a host").to_owned(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, receiver) = watch::channel(name_of(database));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let name = receiver.borrow().clone();
                tokio::spawn(carry(near, server.clone(), name));
            }
        });
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        Self { url, database: sender }
    }

    fn point_to(&self, database: &TestDatabase) {
        self.database.send_replace(name_of(database));
    }
}

fn name_of(database: &TestDatabase) -> String {
    Url::parse(database.url()).expect("a URL").path().trim_start_matches('/').to_owned()
}

/// Writes the database's name into the message that opens a session (PostgreSQL, frontend/backend protocol),
/// then carries everything on.
async fn carry(mut near: TcpStream, server: (String, u16), name: String) -> std::io::Result<()> {
    let mut far = TcpStream::connect(server).await?;
    let mut message = message_of(&mut near).await?;
    if message.len() == 4 {
        near.write_all(b"N").await?; // no TLS here
        message = message_of(&mut near).await?;
    }
    let mut fields: Vec<&[u8]> = message[4..].split(|byte| *byte == 0).collect();
    let at = fields.iter().position(|field| field == b"database").expect("a database is asked for");
    fields[at + 1] = name.as_bytes();
    let opening = [&message[..4], &fields.join(&0)].concat();
    let length = u32::try_from(opening.len() + 4).expect("a short message");
    far.write_all(&length.to_be_bytes()).await?;
    far.write_all(&opening).await?;
    copy_bidirectional(&mut near, &mut far).await.map(|_| ())
}

async fn message_of(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; stream.read_u32().await? as usize - 4];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

#[tokio::test]
async fn after_a_switch_over_reads_writes_and_announcements_come_from_the_new_primary() {
    let (old, new) = (TestDatabase::new().await, TestDatabase::new().await);
    if !old.is_postgres() {
        return;
    }
    let (old_administrator, new_administrator) =
        (Administrator::of(&old).await, Administrator::of(&new).await);
    let name = Name::of(&old).await;
    let connections = PoolSize { max_connections: 4, acquire_timeout: Duration::from_secs(10) };
    let storage = Storage::open_with(name.url.as_str(), connections).await.expect("the database opens");
    let now = SystemClock.now();
    let keep = async |value: &str| {
        let tx = storage.begin().await?;
        settings::insert_setting(&tx, value, value.into(), now).await?;
        tx.commit().await
    };
    keep("before").await.expect("the old primary writes");

    // The old primary stays reachable, as a read-only one.
    old_administrator.turn_read_only().await;
    let refused = keep("between").await.expect_err("read-only");
    assert!(refused.is_temporary(), "{}", refused.chain());
    assert!(settings::find(&storage, "before").await.expect("an answer").is_some());
    let closed = async {
        while old_administrator.other_sessions().await > 0 {
            SystemClock.sleep_until(Timestamp(SystemClock.now().0 + 50)).await;
        }
    };
    // A read on one of them after the switch-over would be answered with old data.
    tokio::time::timeout(LONGEST_RETURN, closed).await.expect("no connection to a read-only server is kept");
    name.point_to(&new);

    let came = async {
        while keep("after").await.is_err() {
            SystemClock.sleep_until(SystemClock.now().plus_seconds(1)).await;
        }
    };
    tokio::time::timeout(LONGEST_RETURN, came).await.expect("it writes to the new primary");
    assert!(settings::find(&storage, "after").await.expect("an answer").is_some());
    assert!(settings::find(&storage, "before").await.expect("an answer").is_none(), "the old one is asked");
    let mut waiter = storage.bus().wait(Topic::Outbox);
    let heard = async {
        loop {
            new_administrator.run("SELECT pg_notify('countersign', 'outbox')").await;
            tokio::select! {
                () = waiter.changed() => return,
                () = SystemClock.sleep_until(SystemClock.now().plus_seconds(1)) => {}
            }
        }
    };
    tokio::time::timeout(LONGEST_RETURN, heard).await.expect("listening began again, which wakes all");
    let mut waiter = storage.bus().wait(Topic::Outbox);
    new_administrator.run("SELECT pg_notify('countersign', 'outbox')").await;
    tokio::time::timeout(LONGEST_RETURN, waiter.changed())
        .await
        .expect("announcements of the new primary are heard");
    storage.close().await.expect("closed");
    old_administrator.turn_writable().await;
}
