//! A command pointed at the wrong place says so, and creates nothing there.

use crate::support::{command::COMMANDS, test_database::TestDatabase};
use clap::CommandFactory;
use countersign::cli::Cli;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

fn run(arguments: &[&str], input: &str, places: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).args(places).env_clear().env("HOME", "/nonexistent");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // Fails if the command exits without reading it.
    let _ = child.stdin.take().expect("stdin").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// The files below a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned()).collect()
}

fn assert_absent(arguments: &[&str], output: &Output, place: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    for part in ["there is no database of Countersign", place, "created nothing", "countersign serve"] {
        assert!(said.contains(part), "{arguments:?}: {part:?} is not in: {said}");
    }
}

/// The commands of the program that open a database and do not create one.
#[test]
fn every_command_of_the_program_is_tried() {
    let creating = ["serve", "demo", "migrate", "openapi", "healthcheck"];
    let mut known = BTreeSet::new();
    for group in Cli::command().get_subcommands().filter(|group| !creating.contains(&group.get_name())) {
        known.extend(group.get_subcommands().map(|verb| format!("{} {}", group.get_name(), verb.get_name())));
    }
    let tried: BTreeSet<String> = COMMANDS.iter().map(|(line, _)| line[..2].join(" ")).collect();
    assert_eq!(known, tried);
}

#[test]
fn a_command_at_an_empty_folder_says_so_and_creates_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let place = data.join("countersign.sqlite").display().to_string();
    for (arguments, input) in COMMANDS {
        let output = run(arguments, input, &["--data-dir", &data.display().to_string()]);
        assert_absent(arguments, &output, &place);
        assert!(!data.exists(), "{arguments:?}");
    }
    fs::create_dir(&data).expect("a folder");
    fs::write(data.join("countersign.sqlite"), "").expect("an empty file");
    for (arguments, input) in COMMANDS {
        let output = run(arguments, input, &["--data-dir", &data.display().to_string()]);
        assert_absent(arguments, &output, &place);
    }
    assert_eq!(files(&data), ["countersign.sqlite".to_owned()].into());
    assert_eq!(fs::metadata(data.join("countersign.sqlite")).expect("it stays").len(), 0);
}

/// Makes a table of another program in the database.
async fn make_foreign(url: &str) {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await.expect("a connection");
    connection.execute_unprepared("CREATE TABLE person (id INTEGER)").await.expect("a table");
    connection.close().await.expect("it is closed");
}

#[tokio::test]
async fn a_file_of_another_program_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.db");
    make_foreign(&format!("sqlite:{}?mode=rwc", file.display())).await;
    let before = fs::read(&file).expect("the file");
    let url = format!("sqlite:{}", file.display());
    for (arguments, input) in COMMANDS {
        let data = folder.path().join("data").display().to_string();
        let output = run(arguments, input, &["--database", &url, "--data-dir", &data]);
        assert_absent(arguments, &output, &file.display().to_string());
    }
    assert_eq!(files(folder.path()), ["shop.db".to_owned()].into());
    assert!(fs::read(&file).expect("the file") == before);
}

#[tokio::test]
async fn a_database_on_which_no_server_has_started_is_refused_and_gets_no_key() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().display().to_string();
    for (arguments, input) in COMMANDS {
        let (arguments, url, data) = (arguments, database.url().to_owned(), data.clone());
        let output = tokio::task::spawn_blocking(move || {
            run(arguments, input, &["--database", &url, "--data-dir", &data])
        });
        let output = output.await.expect("its end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{arguments:?}: {said}");
        assert!(said.contains("no server has started on this database yet"), "{arguments:?}: {said}");
        assert!(said.contains("start `countersign serve` once"), "{arguments:?}: {said}");
    }
    let (url, place) = (database.url().to_owned(), data.clone());
    let migrated = tokio::task::spawn_blocking(move || {
        run(&["migrate"], "", &["--database", &url, "--data-dir", &place])
    });
    let migrated = migrated.await.expect("its end");
    let said = String::from_utf8_lossy(&migrated.stderr);
    assert!(migrated.status.success() && said.contains("start `countersign serve` once"), "{said}");
    assert_eq!(files(folder.path()), BTreeSet::new());
}
