//! `countersign person …`: one file per command, or per few that do alike.

mod add;
mod change;
mod consent;
mod delete;
mod list;
mod open;
mod show;
mod ticket;

use super::CommandError;
use crate::cli::PersonCommand;
use std::pin::Pin;

/// Starts a command.
pub fn run(command: PersonCommand) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        PersonCommand::List(options) => Box::pin(list::list(options)),
        PersonCommand::Show(which) => Box::pin(show::show(which)),
        PersonCommand::Add(options) => Box::pin(add::add(options)),
        PersonCommand::Invite(options) => Box::pin(add::invite(options)),
        PersonCommand::SetPassword(options) => Box::pin(change::set_password(options)),
        PersonCommand::Disable(options) => Box::pin(change::disable(options)),
        PersonCommand::Enable(which) => Box::pin(change::enable(which)),
        PersonCommand::SignOut(options) => Box::pin(change::sign_out(options)),
        PersonCommand::Unlock(which) => Box::pin(change::unlock(which)),
        PersonCommand::Ticket(which) => Box::pin(ticket::ticket(which)),
        PersonCommand::ResetPush(options) => Box::pin(ticket::reset_push(options)),
        PersonCommand::ResetMfa(options) => Box::pin(ticket::reset_mfa(options)),
        PersonCommand::RemoveDevice(options) => Box::pin(ticket::remove_device(options)),
        PersonCommand::RevokeConsent(options) => Box::pin(consent::revoke(options)),
        PersonCommand::Delete(options) => Box::pin(delete::delete(options)),
    }
}
