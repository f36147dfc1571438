//! A program of an earlier version meets a database that a newer one has migrated.

use crate::support::{command::COMMANDS, test_database::TestDatabase};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

/// The encryption key of the fixture.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
/// The name of a migration that no version has.
const FUTURE: &str = "m99991231_000001_future";
/// The commands that create a database, and what they read from standard input.
const CREATING: [(&[&str], &str); 3] = [
    (&["serve", "--listen", "127.0.0.1:0"], ""),
    (&["migrate"], ""),
    (&["demo", "--listen", "127.0.0.1:0"], ""),
];

/// Runs a command on the database, to its end.
async fn run(database: &TestDatabase, arguments: &[&str], input: &'static str, migrate: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).args(["--database", database.url()]);
    command.env_clear().env("HOME", "/nonexistent");
    command.env("COUNTERSIGN_ENCRYPTION_KEY", KEY).env("COUNTERSIGN_MIGRATE", migrate);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("the program starts");
        // Fails if the command exits without reading it.
        let _ = child.stdin.take().expect("stdin").write_all(input.as_bytes());
        child.wait_with_output().expect("it ends")
    });
    ended.await.expect("its end")
}

async fn execute(database: &TestDatabase, statement: &str) {
    let mut options = ConnectOptions::new(database.url());
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await.expect("a connection");
    connection.execute_unprepared(statement).await.expect("it is done");
    connection.close().await.expect("the connection is closed");
}

async fn insert_migration(database: &TestDatabase, name: &str) {
    let values = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 4102358400)");
    execute(database, &values).await;
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn every_command_refuses_a_database_of_a_newer_version() {
    let database = TestDatabase::from_fixture("d8ba99a").await;
    let migrated = run(&database, &["migrate"], "", "auto").await;
    assert!(migrated.status.success(), "{}", text(&migrated.stderr));
    insert_migration(&database, FUTURE).await;
    for (arguments, input) in CREATING.into_iter().chain(COMMANDS) {
        let refused = run(&database, arguments, input, "auto").await;
        let sentence = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(78), "{arguments:?}: {sentence}");
        for part in
            ["made by a newer version of Countersign", FUTURE, "use the newer version", "restore a backup"]
        {
            assert!(sentence.contains(part), "{arguments:?}: {sentence}");
        }
        assert_eq!(sentence.trim().lines().count(), 1, "{arguments:?}: {sentence}");
        assert!(!sentence.contains("Error"), "{arguments:?}: {sentence}");
    }
}

#[tokio::test]
async fn a_newer_database_is_refused_for_every_migrate_setting() {
    let database = TestDatabase::from_fixture("d8ba99a").await;
    let add = ["person", "add", "zoe"];
    let added = run(&database, &["migrate"], "", "auto").await;
    assert!(added.status.success(), "{}", text(&added.stderr));
    for migrate in ["auto", "check", "off"] {
        insert_migration(&database, FUTURE).await;
        let refused = run(&database, &add, "a staple for horses", migrate).await;
        assert_eq!(refused.status.code(), Some(78), "{migrate}: {}", text(&refused.stderr));
        execute(&database, &format!("DELETE FROM seaql_migrations WHERE version = '{FUTURE}'")).await;
        let client = ["client", "add", "--name", migrate, "--redirect-uri", "https://wiki.example/cb"];
        let opened = run(&database, &client, "", migrate).await;
        assert!(opened.status.success(), "{migrate}: {}", text(&opened.stderr));
    }
    let added = run(&database, &add, "a staple for horses", "auto").await;
    assert!(added.status.success(), "nothing was added while it was refused: {}", text(&added.stderr));
}

#[tokio::test]
async fn a_database_of_another_program_is_not_called_newer() {
    let database = TestDatabase::from_fixture("d8ba99a").await;
    execute(&database, "DELETE FROM seaql_migrations").await;
    insert_migration(&database, "m20200101_000001_shop").await;
    let refused = run(&database, &["migrate"], "", "auto").await;
    let sentence = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(78), "{sentence}");
    assert!(sentence.contains("belongs to another program"), "{sentence}");
    assert!(sentence.contains("m20200101_000001_shop") && !sentence.contains("newer"), "{sentence}");
}
