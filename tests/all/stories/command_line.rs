//! The binary itself, as operators and scripts use it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// The addresses of `localhost`.
const LOCALHOST: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// A command without the environment of this machine.
fn countersign(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).env_clear().env("HOME", "/nonexistent");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = countersign(arguments).spawn().expect("the binary starts");
    child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("it is read");
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that is killed at the end of the test.
struct Running(Child);

impl Running {
    /// Starts and waits for its first line on stdout.
    fn start(arguments: &[&str]) -> (Self, String) {
        let mut child = countersign(arguments).stderr(Stdio::null()).spawn().expect("the binary starts");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("stdout"));
        out.read_line(&mut line).expect("a line");
        (Self(child), line)
    }

    fn kill(mut self) {
        self.0.kill().expect("it is killed");
        self.0.wait().expect("it is gone");
    }

    /// Sends SIGTERM and returns the exit status.
    fn stop(mut self) -> Option<i32> {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().expect("kill").success());
        self.0.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data").display().to_string();
    (folder, path)
}

/// A folder in which a server has started once.
fn instance() -> (TempDir, String) {
    let (folder, data) = folder();
    let (server, line) = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    assert!(line.starts_with("Nobody can sign in yet."), "{line}");
    assert_eq!(server.stop(), Some(0));
    (folder, data)
}

#[test]
fn people_and_clients_are_added_and_a_reset_removes_what_was_enrolled() {
    let (_folder, data) = instance();
    let add = ["person", "add", "ada", "--email", "ada@example.com", "--json", "--data-dir", &data];
    let added = run(&add, "a staple for horses\n");
    assert!(added.status.success(), "{}", text(&added.stderr));
    let person: serde_json::Value = serde_json::from_slice(&added.stdout).expect("JSON");
    assert!(person["sub"].as_str().expect("a sub").starts_with("per_"));
    assert_eq!(run(&add, "a staple for horses\n").status.code(), Some(1), "the name is taken");

    let client = ["client", "add", "--name", "Wiki", "--redirect-uri", "https://w.example/cb"];
    let client = run(&[&client[..], &["--json", "--data-dir", &data]].concat(), "");
    let client: serde_json::Value = serde_json::from_slice(&client.stdout).expect("JSON");
    assert_eq!(client["client_secret"].as_str().map(str::len), Some(43));

    let reset = ["person", "reset-mfa", "ADA", "--json", "--data-dir", &data];
    assert_eq!(run(&reset, "").status.code(), Some(2), "it asks first");
    let reset = run(&[&reset[..], &["--yes"]].concat(), "");
    let reset: serde_json::Value = serde_json::from_slice(&reset.stdout).expect("JSON");
    assert_eq!((&reset["sub"], &reset["removed"]), (&person["sub"], &0.into()));
}

#[test]
fn a_new_client_gets_the_issuer_that_the_server_was_started_with() {
    let (_folder, data) = instance();
    let add = ["client", "add", "--name", "W", "--redirect-uri", "https://w.example/cb", "--json"];
    let issuer = || {
        let added = run(&[&add[..], &["--data-dir", &data]].concat(), "");
        let client: serde_json::Value = serde_json::from_slice(&added.stdout).expect("JSON");
        client["issuer"].as_str().expect("an issuer").to_owned()
    };
    for url in ["https://id.example.com", "https://sign-in.example.com"] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--public-url", url, "--data-dir", &data];
        let (server, _) = Running::start(&serve);
        assert_eq!(issuer(), url);
        assert_eq!(server.stop(), Some(0));
        assert_eq!(issuer(), url);
    }
}

#[test]
fn a_name_is_the_same_however_its_letters_are_put_together() {
    let (_folder, data) = instance();
    let add = |name: &str| run(&["person", "add", name, "--data-dir", &data], "a staple for horses");
    assert!(add(" Ren\u{e9}e ").status.success());
    let again = add("rene\u{301}E");
    assert_eq!(again.status.code(), Some(1), "{}", text(&again.stderr));
    assert!(add("renee").status.success(), "another letter is another name");
    let reset = run(&["person", "reset-mfa", "RENE\u{301}E", "--yes", "--json", "--data-dir", &data], "");
    let reset: serde_json::Value = serde_json::from_slice(&reset.stdout).expect("JSON");
    assert_eq!(reset["username"], "Ren\u{e9}e", "as it was given, without the spaces around it");
    let unfit = add("ren\u{265a}");
    assert_eq!(unfit.status.code(), Some(2));
    assert!(
        text(&unfit.stderr).contains("username: “\u{265a}” cannot be in a username"),
        "{}",
        text(&unfit.stderr)
    );
}

#[test]
fn an_unusable_input_is_named_and_sets_the_exit_code() {
    let (_folder, data) = instance();
    let short = run(&["person", "add", "bob", "--data-dir", &data], "short\n");
    assert_eq!(short.status.code(), Some(2));
    assert!(text(&short.stderr).contains("password: This password is too short"), "{}", text(&short.stderr));
    let http = ["client", "add", "--name", "W", "--redirect-uri", "http://w.example/cb", "--data-dir", &data];
    let http = run(&http, "");
    assert_eq!(http.status.code(), Some(2));
    assert!(text(&http.stderr).contains("use https"), "{}", text(&http.stderr));
    let none =
        ["--id-token-signed-response-alg", "none", "--name", "W", "--redirect-uri", "https://w.example/cb"];
    let none = run(&[&["client", "add", "--data-dir", &data][..], &none].concat(), "");
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("RS256, ES256, EdDSA"), "{}", text(&none.stderr));
    let nobody = run(&["person", "reset-mfa", "nobody", "--yes", "--data-dir", &data], "");
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("no person named nobody"));
}

#[test]
fn a_first_start_prints_a_link_and_keeps_its_files_to_itself() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, data) = folder();
    let (server, line) = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    assert!(line.starts_with("Nobody can sign in yet."), "{line}");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(Path::new(&data)), 0o700);
    for file in fs::read_dir(&data).expect("the folder") {
        let path = file.expect("a file").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    // A command beside the server works; a second server does not.
    let beside = run(&["person", "add", "ada", "--data-dir", &data], "a staple for horses");
    assert!(beside.status.success(), "{}", text(&beside.stderr));
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data], "");
    assert_eq!(second.status.code(), Some(69));
    assert!(text(&second.stderr).contains("another process holds"), "{}", text(&second.stderr));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_wrong_key_is_refused_at_the_start() {
    let (_folder, data) = instance();
    assert!(run(&["person", "add", "ada", "--data-dir", &data], "a staple for horses").status.success());
    let key = Path::new(&data).join("encryption.key");
    fs::write(&key, "A".repeat(43)).expect("another key");
    let refused = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data], "");
    assert_eq!(refused.status.code(), Some(78));
    assert!(text(&refused.stderr).contains("another encryption key"), "{}", text(&refused.stderr));
}

#[test]
fn a_demo_prints_one_line_of_json_and_keeps_its_state_after_a_kill() {
    let (_folder, data) = folder();
    fs::create_dir(&data).expect("a folder");
    let database = format!("sqlite:{data}/demo.sqlite");
    let start = |redirect_uri: &str| {
        let arguments = ["demo", "--json", "--listen", "127.0.0.1:0", "--database", &database];
        let (demo, line) = Running::start(&[&arguments[..], &["--redirect-uri", redirect_uri]].concat());
        (demo, serde_json::from_str::<serde_json::Value>(&line).expect("JSON"))
    };
    let (demo, first) = start("https://one.example/cb");
    let members = "authenticator client_id client_secret guest_password guest_username issuer password pid \
        public_client_id redirect_uri relying_party second_client_id second_client_secret \
        second_guest_password second_guest_username totp_password totp_uri totp_username username";
    let names: Vec<&str> = first.as_object().expect("an object").keys().map(String::as_str).collect();
    let mut expected: Vec<&str> = members.split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(
        {
            let mut names = names;
            names.sort_unstable();
            names
        },
        expected
    );
    for address in ["issuer", "relying_party"] {
        let port = first[address].as_str().expect("an address").trim_end_matches('/');
        let port = port.rsplit_once(':').expect("a port").1;
        // Programs resolve `localhost` to different addresses.
        for ip in LOCALHOST.into_iter().filter(|ip| TcpListener::bind((*ip, 0)).is_ok()) {
            let mut socket = TcpStream::connect((ip, port.parse().expect("a number"))).expect("it accepts");
            let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.write_all(request).expect("it reads");
            let mut answer = String::new();
            socket.read_to_string(&mut answer).expect("it answers");
            assert!(answer.starts_with("HTTP/1.1 200"), "{address} at {ip}: {answer}");
        }
    }
    demo.kill();
    let (demo, second) = start("https://two.example/cb");
    for kept in ["client_id", "client_secret", "password", "totp_uri", "guest_password"] {
        assert_eq!(first[kept], second[kept], "{kept}");
    }
    assert_eq!(second["redirect_uri"], "https://two.example/cb");
    assert_eq!(demo.stop(), Some(0));
}

#[test]
fn the_printed_document_is_the_one_in_the_repository() {
    let printed = run(&["openapi"], "");
    let kept = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/device.json")).expect("it");
    assert_eq!(text(&printed.stdout).trim_end(), kept.trim_end());
}
