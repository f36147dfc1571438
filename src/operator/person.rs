//! `countersign person add` and `countersign person reset-mfa`.

use super::{CommandError, opening, print_notice, print_result};
use crate::{
    actions::{
        people::{self, NewPerson},
        pools,
    },
    app::{App, OpenMode},
    cli::{Common, Exit, PersonAdd, PersonResetMfa},
    clock::SystemClock,
    config::Config,
    directory::{Person, Pool},
    entropy::SystemEntropy,
};
use serde_json::json;
use std::{
    io::{self, BufRead, IsTerminal, Read},
    path::Path,
    sync::Arc,
};
use zeroize::Zeroizing;

/// Upper bound when reading a password from a pipe or file.
const MAX_PASSWORD_FILE_BYTES: u64 = 4096;

/// Adds a person.
///
/// # Errors
/// When an option or the password is not valid, the name is taken, or the database cannot be used.
pub async fn add(options: PersonAdd) -> Result<(), CommandError> {
    let app = open(&options.common).await?;
    let pool = pool(&app, &options.pool).await?;
    let password = read_password(options.password_file.as_deref())?;
    let new = NewPerson {
        username: &options.username,
        name: options.name.as_deref().unwrap_or_default(),
        email: options.email.as_deref().unwrap_or_default(),
        password: &password,
    };
    let person = people::add(&app, &app.command_context().await?, &pool, &new).await?;
    print_result(&if options.json {
        json!({ "sub": person.id, "username": person.username, "pool": pool.slug }).to_string()
    } else {
        format!("{} can sign in. The first time, a phone is added.", person.username)
    });
    Ok(())
}

/// Removes every authenticator of a person except the password, so that the next sign-in leads to enrollment.
/// Ends their sessions, sign-ins in progress and all tokens, including offline ones.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub async fn reset_mfa(options: PersonResetMfa) -> Result<(), CommandError> {
    let app = open(&options.common).await?;
    let pool = pool(&app, &options.pool).await?;
    let person = people::find_by_username(&app, &pool, &options.username).await?;
    let person = person.ok_or_else(|| {
        CommandError::new(format!("the pool {} has no person named {}", pool.slug, options.username))
    })?;
    if !options.yes {
        confirm(&person)?;
    }
    let removed = people::reset_factors(&app, &app.command_context().await?, person.id).await?;
    print_result(&if options.json {
        json!({ "sub": person.id, "username": person.username, "removed": removed }).to_string()
    } else {
        format!(
            "{removed} authenticators removed. {} is signed out everywhere, and adds a phone at the next sign-in.",
            person.username
        )
    });
    Ok(())
}

/// Opens the application for one command, without listeners and background tasks.
pub(super) async fn open(options: &Common) -> Result<App, CommandError> {
    let config = Config::load(&options.sources())?;
    let app = App::open(&config, OpenMode::Command, Arc::new(SystemClock), Arc::new(SystemEntropy));
    app.await.map_err(opening)
}

/// Returns the pool that the option `--pool` names.
pub(super) async fn pool(app: &App, name: &str) -> Result<Pool, CommandError> {
    let found = pools::find(app, app.tenant().await?.as_ref(), name).await?;
    found.ok_or_else(|| CommandError::new(format!("--pool: there is no pool named `{name}`")))
}

/// Reads the password from the file, from standard input without its last newline, or from the terminal.
fn read_password(file: Option<&Path>) -> Result<Zeroizing<String>, CommandError> {
    let mut text = Zeroizing::new(String::new());
    let read = match file {
        Some(path) => std::fs::File::open(path)
            .and_then(|file| file.take(MAX_PASSWORD_FILE_BYTES).read_to_string(&mut text)),
        None if io::stdin().is_terminal() => return type_password(),
        None => io::stdin().lock().take(MAX_PASSWORD_FILE_BYTES).read_to_string(&mut text),
    };
    let from = file.map_or("standard input".to_owned(), |path| path.display().to_string());
    read.map_err(|error| CommandError::new(format!("the password cannot be read from {from}: {error}")))?;
    let without_newline = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Zeroizing::new(without_newline.strip_suffix('\r').unwrap_or(without_newline).to_owned()))
}

/// Reads the password twice from the terminal, without echo.
fn type_password() -> Result<Zeroizing<String>, CommandError> {
    let ask = |prompt| {
        let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
        typed.map_err(|error| {
            CommandError::new(format!("the password cannot be read from the terminal: {error}"))
        })
    };
    let typed = ask("Password: ")?;
    if *typed == *ask("Again: ")? {
        Ok(typed)
    } else {
        Err(CommandError::new("the two passwords differ; nothing was added").with(Exit::Usage))
    }
}

fn confirm(person: &Person) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() {
        return Err(CommandError::new(
            "standard input is no terminal, so this cannot be confirmed: add --yes",
        )
        .with(Exit::Usage));
    }
    print_notice(&format!("Remove every authenticator of {} and sign them out? [y/N]", person.username));
    let mut line = String::new();
    let _ = io::stdin().lock().read_line(&mut line);
    if line.trim().eq_ignore_ascii_case("y") { Ok(()) } else { Err(CommandError::new("nothing was changed")) }
}
