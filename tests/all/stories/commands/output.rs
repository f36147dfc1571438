//! Results on stdout, everything else on stderr, and a pipe that closes early.

use crate::support::{command::Commands, test_app::TestApp};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_says_on_stderr_which_database_it_uses() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    for arguments in [&["person", "show", "alice"][..], &["person", "show", "alice", "--json"]] {
        let ended = commands.done(arguments);
        let is_sqlite = test_app.database_url().starts_with("sqlite:");
        let place =
            if is_sqlite { "database: SQLite file /" } else { "database: PostgreSQL database postgres://" };
        assert!(ended.errors.starts_with(place), "{ended:?}");
        assert!(!ended.out.contains("database:"), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_not_there_is_repeated_with_its_place() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    for (arguments, sentence) in [
        (&["person", "show", "nobody"][..], "the pool people has no person named nobody"),
        (&["person", "show", "alice", "--pool", "cellar"], "--pool: there is no pool named `cellar`"),
        (
            &["person", "show", "alice", "--workspace", "cellar"],
            "--workspace: there is no workspace named `cellar`",
        ),
        (&["client", "show", "nothing"], "there is no application with the client id nothing"),
        (&["pool", "show", "cellar"], "there is no pool named `cellar`"),
        (&["audit", "list", "--person", "nobody"], "--person: the pool people has no person named nobody"),
        (
            &["audit", "list", "--client", "nothing"],
            "--client: there is no application with the client id nothing",
        ),
    ] {
        let ended = commands.run(arguments, "");
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        assert!(ended.errors.contains(sentence), "{arguments:?}: {ended:?}");
        assert!(ended.out.is_empty(), "{arguments:?}: {ended:?}");
    }
}

/// Takes away nothing without a confirmation, which nobody can give here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_takes_something_away_asks_first() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    let before = commands.json(&["person", "show", "alice"]);
    for arguments in [
        &["person", "disable", "alice"][..],
        &["person", "sign-out", "alice"],
        &["person", "reset-mfa", "alice"],
        &["person", "reset-push", "alice"],
        &["person", "remove-device", "alice", "dev_AAAAAAAAAAAAAAAAAAAAAQ"],
        &["person", "revoke-consent", "alice", "app"],
        &["person", "delete", "alice"],
        &["client", "disable", "app"],
        &["client", "rotate-secret", "app"],
        &["client", "delete", "app"],
        &["client", "set", "app", "--pool", "guests"],
    ] {
        let ended = commands.run(arguments, "y\n");
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.errors.contains("add --yes"), "{arguments:?}: {ended:?}");
    }
    assert_eq!(commands.json(&["person", "show", "alice"]), before);
    assert_eq!(commands.json(&["client", "show", "app"])["state"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_closes_the_pipe_ends_a_list_quietly() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    for _ in 0..3 {
        commands.done(&["person", "sign-out", "alice", "--yes"]);
    }
    for arguments in [&["audit", "export"][..], &["person", "list"], &["client", "list"], &["audit", "list"]]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .args(commands.places())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // Closed before anything is written, or after the first line.
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("stdout"));
        if arguments.contains(&"export") {
            out.read_line(&mut line).expect("a line");
        }
        drop(out);
        let ended = child.wait_with_output().expect("it ends");
        let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {errors}");
        assert_eq!(errors.lines().count(), 1, "{arguments:?}: {errors}");
    }
}
