//! Commands in a process of their own, on the database of a running server.

use super::test_app::{SEALING_KEY, TestApp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::app::App;
use serde_json::Value;
use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    sync::Arc,
};
use tempfile::TempDir;

/// Every command that needs an existing database, and what it reads from standard input. A test compares the list with
/// the program's.
pub const COMMANDS: [(&[&str], &str); 35] = [
    (&["person", "list"], ""),
    (&["person", "show", "alice"], ""),
    (&["person", "add", "zoe"], "a staple for horses"),
    (&["person", "invite", "zoe"], ""),
    (&["person", "set-password", "alice"], "a staple for horses"),
    (&["person", "disable", "alice", "--yes"], ""),
    (&["person", "enable", "alice"], ""),
    (&["person", "sign-out", "alice", "--yes"], ""),
    (&["person", "unlock", "alice"], ""),
    (&["person", "ticket", "alice"], ""),
    (&["person", "reset-push", "alice", "--yes"], ""),
    (&["person", "reset-mfa", "alice", "--yes"], ""),
    (&["person", "remove-device", "alice", "dev_AAAAAAAAAAAAAAAAAAAAAQ", "--yes"], ""),
    (&["person", "revoke-consent", "alice", "wiki", "--yes"], ""),
    (&["person", "delete", "alice", "--yes"], ""),
    (&["client", "list"], ""),
    (&["client", "show", "wiki"], ""),
    (&["client", "add", "--name", "Wiki", "--redirect-uri", "https://wiki.example/cb"], ""),
    (&["client", "set", "wiki", "--name", "Wiki"], ""),
    (&["client", "rotate-secret", "wiki", "--yes"], ""),
    (&["client", "disable", "wiki", "--yes"], ""),
    (&["client", "enable", "wiki"], ""),
    (&["client", "delete", "wiki", "--yes"], ""),
    (&["pool", "list"], ""),
    (&["pool", "show"], ""),
    (&["pool", "set", "--first-device", "ticket"], ""),
    (&["workspace", "list"], ""),
    (&["workspace", "add", "acme"], ""),
    (&["workspace", "show"], ""),
    (&["workspace", "set", "--display-name", "Northwind"], ""),
    (&["keys", "list"], ""),
    (&["keys", "rotate", "--purpose", "push"], ""),
    (&["keys", "retire", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "--yes"], ""),
    (&["audit", "list"], ""),
    (&["audit", "export"], ""),
];

/// What a command has printed, and its exit code.
#[derive(Debug)]
pub struct Ended {
    pub out: String,
    pub errors: String,
    pub code: Option<i32>,
}

impl Ended {
    /// The result as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The results of a list, one a line.
    pub fn json_lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

/// Runs commands beside a server.
pub struct Commands {
    folder: TempDir,
    database_url: String,
    app: Arc<App>,
}

impl Commands {
    /// On the database of `test_app`.
    pub fn beside(test_app: &TestApp) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("encryption.key");
        std::fs::write(&file, URL_SAFE_NO_PAD.encode(SEALING_KEY)).expect("the key of the server");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("for us alone");
        Self { folder, database_url: test_app.database_url().to_owned(), app: test_app.app.clone() }
    }

    /// On the database of `test_app`, whose clock is set to the time of this machine: commands have no other one.
    pub fn at_the_same_time(test_app: &TestApp) -> Self {
        let system = std::time::UNIX_EPOCH.elapsed().expect("after the epoch").as_secs();
        let ahead = i64::try_from(system).expect("a time") - test_app.app.now().unix_seconds();
        test_app.clock.advance(ahead.max(0));
        Self::beside(test_app)
    }

    /// The options that name the database and the folder of the key.
    pub fn places(&self) -> [String; 4] {
        let data = self.folder.path().display().to_string();
        ["--database".to_owned(), self.database_url.clone(), "--data-dir".to_owned(), data]
    }

    /// Runs a command with this standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .args(self.places())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // Fails if the command ends without reading it.
        let _ = child.stdin.take().expect("stdin").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        if self.database_url.starts_with("postgres") {
            // The notification may arrive after the next request of the test.
            self.app.directory.forget();
        }
        Ended {
            out: String::from_utf8(output.stdout).expect("text"),
            errors: String::from_utf8(output.stderr).expect("text"),
            code: output.status.code(),
        }
    }

    /// Runs a command that succeeds.
    pub fn done(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments, "");
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended
    }

    /// Runs a command that succeeds, with `--json`.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.done(&[arguments, &["--json"]].concat()).json()
    }
}
