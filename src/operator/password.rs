//! Reads a password that an operator gives: from a file, a pipe or the terminal, never from an argument.

use super::{CommandError, opened::usage};
use std::{
    io::{self, IsTerminal, Read},
    path::Path,
};
use zeroize::Zeroizing;

/// Upper bound when reading a password from a pipe or file.
const MAX_PASSWORD_FILE_BYTES: u64 = 4096;

/// Reads the password from the file, from standard input without its last newline, or from the terminal.
///
/// # Errors
/// When it cannot be read, or is not typed twice alike.
pub(super) fn read_password(file: Option<&Path>) -> Result<Zeroizing<String>, CommandError> {
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
        Err(usage("the two passwords differ; nothing was changed"))
    }
}
