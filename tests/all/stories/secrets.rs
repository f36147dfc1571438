//! A marked secret is given by every source of settings; each is refused, and no output contains it.

use crate::support::{
    command::COMMANDS,
    marked::{MARK, assert_unmarked, percent_encoded},
};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
};
use tempfile::TempDir;

/// A server that accepts no connection.
const UNREACHABLE: &str = "127.0.0.1:1";

/// The sources of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Variable,
    /// `DATABASE_URL`.
    PlainVariable,
    FileOfVariable,
    /// systemd's `LoadCredential=`.
    Credential,
    ConfigurationFile,
    /// `--database`.
    Flag,
}

/// A secret setting with malformed values, and the sentence of the refusal for each.
struct SecretSetting {
    setting: &'static str,
    ways: &'static [Way],
    values: fn() -> Vec<(String, &'static str)>,
}

/// Every secret setting has its row: compared with the catalog below.
const SECRET_SETTINGS: [SecretSetting; 3] = [
    SecretSetting {
        setting: "database_url",
        ways: &[
            Way::Variable,
            Way::PlainVariable,
            Way::FileOfVariable,
            Way::Credential,
            Way::ConfigurationFile,
            Way::Flag,
        ],
        values: database_urls,
    },
    SecretSetting {
        setting: "encryption_key",
        ways: &[Way::Variable, Way::FileOfVariable, Way::Credential, Way::ConfigurationFile],
        values: encryption_keys,
    },
    SecretSetting {
        setting: "smtp_url",
        ways: &[Way::Variable, Way::FileOfVariable, Way::Credential, Way::ConfigurationFile],
        values: smtp_urls,
    },
];

fn database_urls() -> Vec<(String, &'static str)> {
    let encode = "database_url: the PostgreSQL address";
    let parameter = "database_url: what follows the `?`";
    vec![
        (format!("postgres://countersign:{MARK}#x@db.internal/c"), encode),
        (format!("postgres://countersign:{MARK}/x@db.internal/c"), encode),
        (format!("postgres://countersign:{MARK}?x@db.internal/c"), encode),
        (format!("postgres://countersign:12/{MARK}@db.internal/c"), encode),
        (format!("postgres://countersign:12?{MARK}@db.internal/c"), encode),
        (format!("postgres://countersign:p@ss/{MARK}@db.internal/c"), encode),
        (format!("postgres://countersign:%{MARK}@db.internal/c"), "a `%` in the PostgreSQL address"),
        (format!("postgres://countersign:p@db.internal:{MARK}/c"), encode),
        (format!("postgres://countersign:p@db.internal/c?pasword={MARK}"), parameter),
        (format!("postgres://countersign:p@db.internal/c?sslmode={MARK}"), parameter),
        (format!("sqlite:/nowhere/c.sqlite?key={MARK}"), "database_url: what follows the `?`"),
        (format!("mysql://countersign:{MARK}@db.internal/c"), "database_url: expected `sqlite:PATH`"),
        (MARK.to_owned(), "database_url: expected `sqlite:PATH`"),
    ]
}

fn encryption_keys() -> Vec<(String, &'static str)> {
    let expected = "encryption_key: expected 32 bytes in base64";
    vec![(MARK.to_owned(), expected), (format!("{MARK}=="), expected), (format!("{MARK} {MARK}"), expected)]
}

fn smtp_urls() -> Vec<(String, &'static str)> {
    vec![
        (MARK.to_owned(), "smtp_url: the URL cannot be read"),
        (format!("smtp://u:{MARK}#x@mail.internal"), "smtp_url: the URL has an `@` or `#` after its host"),
        (format!("smtp://u:{MARK}/x@mail.internal"), "smtp_url: the URL has an `@` or `#` after its host"),
        (format!("smtp://u:%{MARK}@mail.internal"), "smtp_url: a `%` does not begin"),
        (format!("smtp://u:p@mail.internal:{MARK}"), "smtp_url: the URL cannot be read"),
        (
            format!("smtp://u:{MARK}@mail.internal?tls=none"),
            "smtp_url: the password would travel unencrypted",
        ),
        (format!("smtp://u:p@mail.internal?tls={MARK}"), "smtp_url: `?tls=` is required"),
        (format!("smtps://u:p@mail.internal?key={MARK}"), "smtp_url: the only parameter"),
        (format!("https://u:{MARK}@mail.internal"), "smtp_url: the URL begins with another scheme"),
        (format!("smtp://u:{MARK}@mail.internal"), "mail.from is not set"),
    ]
}

/// A folder, and commands without the environment of this machine.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        fs::write(&path, content).expect("a file");
        path
    }

    /// The program with all log levels.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(arguments).env_clear().env("HOME", self.0.path()).env("RUST_LOG", "trace");
        command.env("RUST_BACKTRACE", "1").env("XDG_DATA_HOME", self.path("data"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts a server for the first time in the folder `data`, and ends it.
    fn create(&self, data: &str) {
        let mut server = self.command(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data]);
        let mut server = server.stderr(Stdio::null()).spawn().expect("the program starts");
        let mut line = String::new();
        let mut out = BufReader::new(server.stdout.take().expect("its output"));
        out.read_line(&mut line).expect("a set-up link");
        server.kill().expect("it is killed");
        server.wait().expect("its end");
    }

    /// `countersign migrate` with `value` for the setting of `secret`.
    fn given(&self, secret: &SecretSetting, way: Way, value: &str) -> Command {
        let variable = format!("COUNTERSIGN_{}", secret.setting.to_uppercase());
        let mut command = self.command(&["migrate"]);
        match way {
            Way::Variable => command.env(variable, value),
            Way::PlainVariable => command.env("DATABASE_URL", value),
            Way::FileOfVariable => command.env(variable + "_FILE", self.file("secret", value)),
            Way::Credential => {
                let file = self.file(&format!("credentials/{}", secret.setting), value);
                command.env("CREDENTIALS_DIRECTORY", file.parent().expect("a folder"))
            }
            Way::ConfigurationFile => {
                let file = self.file("c.toml", &format!("{} = '{value}'\n", secret.setting));
                command.arg("--config").arg(file)
            }
            Way::Flag => command.arg("--database").arg(value),
        };
        command
    }
}

fn run(mut command: Command) -> Output {
    command.spawn().expect("the program starts").wait_with_output().expect("it ends")
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Fails unless the program refused with `says` in its output, and without the mark.
fn assert_refused(what: &str, output: &Output, says: &str) {
    let printed = printed(output);
    assert!(!output.status.success(), "{what}: {printed}");
    assert!(printed.contains(says), "{what}: `{says}` is not in: {printed}");
    assert_unmarked(what, &printed);
}

#[test]
fn every_secret_setting_has_a_row_here() {
    let mut here = SECRET_SETTINGS.map(|secret| secret.setting);
    let mut there = countersign::config::secret_settings();
    here.sort_unstable();
    there.sort_unstable();
    assert_eq!(here.as_slice(), there.as_slice(), "left: this test; right: the catalog");
    for secret in &SECRET_SETTINGS {
        for way in [Way::Variable, Way::FileOfVariable, Way::Credential, Way::ConfigurationFile] {
            assert!(secret.ways.contains(&way), "{}: {way:?}", secret.setting);
        }
    }
}

#[test]
fn a_secret_that_cannot_be_read_is_named_by_its_setting_and_not_repeated() {
    for secret in &SECRET_SETTINGS {
        for (way, (value, says)) in
            secret.ways.iter().flat_map(|way| (secret.values)().into_iter().map(move |value| (way, value)))
        {
            let output = run(Bench::new().given(secret, *way, &value));
            assert_refused(&format!("{} by {way:?}: {value}", secret.setting), &output, says);
            assert_eq!(output.status.code(), Some(78), "{value}");
        }
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let secret_url = format!("https://ada:{MARK}@id.example.com");
    let bench = Bench::new();
    for (variable, value, says) in [
        ("COUNTERSIGN_DATABASE_URL_FILE", MARK, "the file that it names cannot be read"),
        ("COUNTERSIGN_ENCRYPTION_KEY_FILE", MARK, "the file that it names cannot be read"),
        ("COUNTERSIGN_PUBLIC_URL", &secret_url, "public_url: `https://…@id.example.com`"),
        ("COUNTERSIGN_AUTHENTICATOR_URL", &secret_url, "authenticator_url: `https://…@id.example.com`"),
        ("COUNTERSIGN_ALLOW_OUTBOUND", &secret_url, "allow_outbound: `https://…@id.example.com`"),
        (
            "COUNTERSIGN_PUSH__CONTACT",
            &format!("ada:{MARK}@id.example.com"),
            "push.contact: `…@id.example.com`",
        ),
        ("COUNTERSIGN_TRUSTED_PROXIES", &secret_url, "`https://…@id.example.com` is not a network"),
        ("COUNTERSIGN_LIMITS__CONNECTIONS", &secret_url, "`https://…@id.example.com` is not a whole number"),
        ("COUNTERSIGN_LISTEN", &secret_url, "listen: invalid socket address"),
        ("COUNTERSIGN_MIGRATE", &secret_url, "found `https://…@id.example.com`"),
    ] {
        let mut command = bench.command(&["migrate"]);
        command.env(variable, value);
        assert_refused(variable, &run(command), says);
    }
    for content in [
        format!("database_url = \"postgres://c:{MARK}@h/c"),
        format!("database_url = postgres://c:{MARK}@h/c"),
        format!("database_url = ['{MARK}']"),
        format!("encryption_key = {MARK}"),
        format!("encryption_key = {{ base64 = '{MARK}' }}"),
    ] {
        let file = bench.file("c.toml", &content);
        let output = run(bench.command(&["migrate", "--config", &file.display().to_string()]));
        let setting = content.split(' ').next().expect("a word");
        assert_refused(&content, &output, setting);
        assert!(printed(&output).contains("c.toml"), "{content}");
    }
}

#[test]
fn a_secret_on_the_command_line_is_not_repeated() {
    let bench = Bench::new();
    let url = format!("http://ada:{MARK}@localhost:1");
    let assigned = format!("--password={MARK}");
    for (arguments, says) in [
        (&["person", "add", "ada", MARK][..], "unexpected argument"),
        (&["person", "add", "ada", &assigned], "unexpected argument '--password'"),
        (&["person", "reset-mfa", "ada", MARK], "unexpected argument"),
        (&["client", "add", MARK], "unexpected argument"),
        (&["client", MARK], "unrecognized subcommand"),
        (&["migrate", MARK], "unexpected argument"),
        (&["serve", "--listen", &url], "for '--listen <ADDR:PORT>'"),
        (&["demo", "--listen", &url], "for '--listen <ADDR:PORT>'"),
        (&["openapi", MARK], "unexpected argument"),
        (&["healthcheck", "--url", &url], "--url: expected an origin"),
        (&[MARK], "unrecognized subcommand"),
    ] {
        assert_refused(&format!("{arguments:?}"), &run(bench.command(arguments)), says);
    }
}

#[test]
fn every_command_says_which_database_it_cannot_reach_and_not_its_password() {
    let password = percent_encoded(MARK);
    let creating: [&[&str]; 3] =
        [&["migrate"], &["serve", "--listen", "127.0.0.1:0"], &["demo", "--listen", "127.0.0.1:0"]];
    let commands: Vec<&[&str]> = creating.into_iter().chain(COMMANDS.map(|(line, _)| line)).collect();
    thread::scope(|scope| {
        for (arguments, password) in commands.iter().flat_map(|line| [(line, MARK), (line, &password)]) {
            scope.spawn(move || {
                let bench = Bench::new();
                let url = format!("postgres://countersign:{password}@{UNREACHABLE}/people");
                let output = run(bench.command(&[arguments, &["--database", &url][..]].concat()));
                assert_refused(&format!("{arguments:?}"), &output, "the database cannot be opened");
                let place = format!("postgres://{UNREACHABLE}/people");
                assert!(printed(&output).contains(&place), "{}", printed(&output));
                assert_eq!(output.status.code(), Some(69), "{arguments:?}");
            });
        }
    });
}

#[test]
fn a_key_file_and_a_password_that_cannot_be_used_are_not_repeated() {
    let bench = Bench::new();
    let key = bench.file("data/encryption.key", MARK);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&key, mode).expect("its mode");
    let data = bench.path("data").display().to_string();
    let refused = run(bench.command(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]));
    assert_refused("encryption.key", &refused, "expected a sealing key of 32 bytes");

    let data = bench.path("other").display().to_string();
    bench.create(&data);
    let add = |file: &Path, username: &str| {
        let file = file.display().to_string();
        let line = ["person", "add", username, "--data-dir", &data, "--password-file", &file];
        run(bench.command(&line))
    };
    let refused = add(&bench.file("password", MARK.get(..7).expect("its beginning")), "ada");
    assert!(printed(&refused).contains("password: "), "{}", printed(&refused));
    assert!(!printed(&refused).contains(&MARK[..7]), "a short password: {}", printed(&refused));
    let refused = add(&bench.path("nowhere"), "ada");
    assert!(printed(&refused).contains("the password cannot be read"), "{}", printed(&refused));
    let added = add(&bench.file("password", &format!("{MARK} {MARK}\n")), "ada");
    assert!(added.status.success(), "{}", printed(&added));
    assert_unmarked("a password that was taken", &printed(&added));
}
