//! `countersign client …`: one file per command, or per few that do alike.

mod add;
mod change;
mod list;
mod open;
mod secret;
mod set;
mod settings;
mod show;

use super::CommandError;
use crate::cli::ClientCommand;
use std::pin::Pin;

/// Starts a command.
pub fn run(command: ClientCommand) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        ClientCommand::List(options) => Box::pin(list::list(options)),
        ClientCommand::Show(which) => Box::pin(show::show(which)),
        ClientCommand::Add(options) => Box::pin(add::add(options)),
        ClientCommand::Set(options) => Box::pin(set::set(options)),
        ClientCommand::RotateSecret(options) => Box::pin(secret::rotate(options)),
        ClientCommand::Disable(options) => Box::pin(change::disable(options)),
        ClientCommand::Enable(which) => Box::pin(change::enable(which)),
        ClientCommand::Delete(options) => Box::pin(change::delete(options)),
    }
}
