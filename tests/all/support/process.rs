//! A demo in a process of its own that can be killed and restarted on the same database and port.

use super::{
    browser::Browser,
    fixed_clock::FixedClock,
    fixture_keys,
    http_client::HttpClient,
    phone::Phone,
    relying_party::{Authentication, Registration, RelyingParty},
};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};
use tempfile::NamedTempFile;

/// This build of the program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

/// The longest start on a loaded machine.
const LONGEST_START: Duration = Duration::from_secs(60);

/// One node.
pub struct Process {
    database: String,
    public_url: String,
    port: u16,
    child: Child,
    /// The JSON that it printed when it was ready.
    said: Value,
    /// Its log.
    errors: NamedTempFile,
}

impl Process {
    /// A demo on the empty `database`, alone or as the first of several.
    pub async fn start(database: &str) -> Self {
        fixture_keys::insert_for_demo(database).await;
        let port = free_port();
        Self::start_at(database, &format!("http://localhost:{port}"), port).await
    }

    /// Starts the build that `COUNTERSIGN_TEST_NEIGHBOR` names on the empty `database`, which it migrates and gives
    /// keys of its own; this build without that variable.
    pub async fn start_neighbor(database: &str) -> Self {
        let program = std::env::var("COUNTERSIGN_TEST_NEIGHBOR").unwrap_or_else(|_| PROGRAM.to_owned());
        let port = free_port();
        Self::start_program(&program, database, &format!("http://localhost:{port}"), port, None).await
    }

    /// Starts one with all log levels.
    pub async fn start_talkative(database: &str) -> Self {
        fixture_keys::insert_for_demo(database).await;
        let port = free_port();
        Self::start_logging(database, &format!("http://localhost:{port}"), port, Some("trace")).await
    }

    /// Shuts it down and returns everything that it wrote to stderr.
    pub fn stop(&mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().expect("kill runs").success());
        self.child.wait().expect("its end");
        text_of(&self.errors)
    }

    /// Starts another node: same database, same public URL, another port.
    pub async fn start_beside(&self) -> Self {
        Self::start_at(&self.database, &self.public_url, free_port()).await
    }

    /// Starts this build as another node beside one that has keys of its own.
    pub async fn start_beside_neighbor(&self) -> Self {
        Self::start_program(PROGRAM, &self.database, &self.public_url, free_port(), None).await
    }

    /// Kills it with all its open requests.
    pub fn kill(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it is dead");
    }

    /// Kills it and starts it again on the same database at the same port.
    pub async fn kill_and_restart(&mut self) {
        self.kill();
        *self = Self::start_at(&self.database, &self.public_url, self.port).await;
    }

    /// Whether it is still the process that was started.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child process").is_none()
    }

    /// How many lines of its log contain `sentence`.
    pub fn logged(&self, sentence: &str) -> usize {
        text_of(&self.errors).lines().filter(|line| line.contains(sentence)).count()
    }

    /// The local port at which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An HTTP client that connects to this node for any URL.
    pub fn http_client(&self) -> HttpClient {
        HttpClient::over_tcp_to(self.port)
    }

    /// A value of the JSON that it printed when it was ready.
    pub fn said(&self, name: &str) -> &str {
        self.said[name].as_str().unwrap_or_else(|| panic!("the demo says no {name}: {}", self.said))
    }

    /// A browser without cookies whose requests come to this node.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http_client(), self.said("issuer"))
    }

    /// A phone without an account whose requests come to this node.
    pub fn phone(&self) -> Phone {
        self.phone_over(self.http_client())
    }

    /// A phone without an account that sends its requests by `http_client`.
    pub fn phone_over(&self, http_client: HttpClient) -> Phone {
        Phone::new(http_client, FixedClock::running(), self.said("issuer"))
    }

    /// The demo's application for your own use, whose requests come to this node.
    pub fn relying_party(&self) -> RelyingParty {
        self.relying_party_over(self.http_client())
    }

    /// The demo's application for your own use, which sends its requests by `http_client`.
    pub fn relying_party_over(&self, http_client: HttpClient) -> RelyingParty {
        let said = |name| self.said(name).to_owned();
        let registration = Registration {
            issuer: said("issuer"),
            client_id: said("client_id"),
            client_secret: said("client_secret"),
            redirect_uri: said("redirect_uri"),
            authentication: Authentication::Basic,
        };
        RelyingParty::new(http_client, FixedClock::running(), registration)
    }

    async fn start_at(database: &str, public_url: &str, port: u16) -> Self {
        Self::start_logging(database, public_url, port, None).await
    }

    async fn start_logging(database: &str, public_url: &str, port: u16, level: Option<&str>) -> Self {
        let node = Self::start_program(PROGRAM, database, public_url, port, level).await;
        fixture_keys::assert_published(&node.relying_party().jwks().await);
        node
    }

    async fn start_program(
        program: &str,
        database: &str,
        public_url: &str,
        port: u16,
        level: Option<&str>,
    ) -> Self {
        let (mut child, errors) = spawn(program, database, public_url, port, level);
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        // Off the runtime, because a proxy between the process and its database may need the runtime.
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            output.read_line(&mut line).map(|_| line)
        });
        let Ok(line) = tokio::time::timeout(LONGEST_START, line).await else {
            child.kill().expect("SIGKILL");
            panic!("the demo said nothing in {LONGEST_START:?}: {}", text_of(&errors));
        };
        let line = line.expect("a reader").expect("its output");
        let said: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: {line:?}: {}", text_of(&errors)));
        assert!(!text_of(&errors).contains("is in use"), "{}", text_of(&errors));
        let (database, public_url) = (database.to_owned(), public_url.to_owned());
        Self { database, public_url, port, child, said, errors }
    }

    /// Tries to start a second process on the database; returns its exit status and its stderr.
    pub async fn try_beside(&self) -> (ExitStatus, String) {
        let (mut child, errors) = spawn(PROGRAM, &self.database, &self.public_url, free_port(), None);
        let ended = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(child.stdout.take().expect("its output"))
                .read_line(&mut line)
                .expect("its output");
            if !line.is_empty() {
                child.kill().expect("SIGKILL");
                panic!("it started: {line}");
            }
            child.wait().expect("its end")
        });
        let ended =
            tokio::time::timeout(LONGEST_START, ended).await.expect("it ends").expect("it does not start");
        (ended, text_of(&errors))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if it has exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(
    program: &str,
    database: &str,
    public_url: &str,
    port: u16,
    level: Option<&str>,
) -> (Child, NamedTempFile) {
    let errors = NamedTempFile::new().expect("a file");
    let child = Command::new(program)
        .args(["demo", "--json", "--public-url", public_url, "--database", database])
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .env_remove("COUNTERSIGN_TEST_DATABASE")
        .envs(level.map(|level| ("COUNTERSIGN_LOG_LEVEL", level)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors.reopen().expect("the same file"))
        .spawn()
        .expect("the program runs");
    (child, errors)
}

fn text_of(errors: &NamedTempFile) -> String {
    std::fs::read_to_string(errors.path()).expect("text")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}
