//! Asks on the terminal before a command takes something away.

use super::{CommandError, opened::usage, print_notice};
use std::io::{self, BufRead, IsTerminal};

/// Asks a question that only `y` answers with yes. Without a terminal `--yes` is needed.
///
/// # Errors
/// When the answer is another one, or standard input is no terminal.
pub(super) fn confirm(question: &str, is_confirmed: bool) -> Result<(), CommandError> {
    if is_confirmed {
        return Ok(());
    }
    match answer(&format!("{question} [y/N]"))?.eq_ignore_ascii_case("y") {
        true => Ok(()),
        false => Err(CommandError::new("nothing was changed")),
    }
}

/// Asks for the name of the thing that is deleted.
///
/// # Errors
/// When another name is typed, or standard input is no terminal.
pub(super) fn confirm_name(question: &str, name: &str, is_confirmed: bool) -> Result<(), CommandError> {
    if is_confirmed {
        return Ok(());
    }
    match answer(question)? == name {
        true => Ok(()),
        false => Err(CommandError::new("the names differ; nothing was changed")),
    }
}

fn answer(question: &str) -> Result<String, CommandError> {
    if !io::stdin().is_terminal() {
        return Err(usage("standard input is no terminal, so this cannot be confirmed: add --yes"));
    }
    print_notice(question);
    let mut line = String::new();
    let _ = io::stdin().lock().read_line(&mut line);
    Ok(line.trim().to_owned())
}
