//! The options of `countersign person`.

use super::Common;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The commands for people.
#[derive(Clone, Debug, Subcommand)]
pub enum PersonCommand {
    /// List the people of a pool, by name; with --json one object a line
    List(PersonList),
    /// Show a person: state, devices, sessions, lockouts
    Show(WhichPerson),
    /// Add a person; the password is read from a file, or from standard input
    Add(PersonAdd),
    /// Add a person without a password, and print a link, valid once for 72 hours, by which they set one
    Invite(PersonInvite),
    /// Set a person's password, read like that of `add`; ends everything but the devices
    SetPassword(PersonSetPassword),
    /// Refuse a person everywhere; ends sessions, sign-ins in progress and all tokens
    Disable(ChangePerson),
    /// Let a disabled person sign in again; nothing that was ended comes back
    Enable(WhichPerson),
    /// End sessions, sign-ins in progress and all tokens of a person
    SignOut(ChangePerson),
    /// Delete what keeps a person out for a while: counts of wrong answers, the wait and the mute of push
    Unlock(WhichPerson),
    /// Print a ticket, valid once for an hour, for the first phone of a person who needs one
    Ticket(WhichPerson),
    /// Remove a person's phones, and nothing else; prints the ticket for the next phone
    ResetPush(ChangePerson),
    /// Remove all authenticators but the password, and end everything; prints the ticket for the next phone
    ResetMfa(ChangePerson),
    /// Remove one device of a person, by the id that `show` prints
    RemoveDevice(PersonRemoveDevice),
    /// Take back what a person has allowed an application: ends its tokens, and the next sign-in asks again
    RevokeConsent(PersonRevokeConsent),
    /// Delete a person for good; the audit events stay
    Delete(PersonDelete),
}

/// The workspace and the pool of a command.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The workspace
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub workspace: String,
    /// The pool of the person
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: String,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// One person.
#[derive(Clone, Debug, Args)]
pub struct WhichPerson {
    /// The workspace and the pool.
    #[command(flatten)]
    pub place: Place,
    /// The name to sign in with
    pub username: String,
}

/// One person, for a command that takes something away.
#[derive(Clone, Debug, Args)]
pub struct ChangePerson {
    /// The person.
    #[command(flatten)]
    pub which: WhichPerson,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
}

/// `countersign person list`.
#[derive(Clone, Debug, Args)]
pub struct PersonList {
    /// The workspace and the pool.
    #[command(flatten)]
    pub place: Place,
    /// Only people after this name
    #[arg(long, value_name = "USERNAME")]
    pub after: Option<String>,
    /// At most so many people [default: all]
    #[arg(long, value_name = "NUMBER")]
    pub limit: Option<u64>,
}

/// The profile of a new person.
#[derive(Clone, Debug, Args)]
pub struct Profile {
    /// The full name, as applications show it
    #[arg(long)]
    pub name: Option<String>,
    /// The mail address
    #[arg(long)]
    pub email: Option<String>,
}

/// `countersign person add`.
#[derive(Clone, Debug, Args)]
pub struct PersonAdd {
    /// The person.
    #[command(flatten)]
    pub which: WhichPerson,
    /// The profile.
    #[command(flatten)]
    pub profile: Profile,
    /// A file with the password, without its last newline [default: standard input]
    #[arg(long, value_name = "PATH")]
    pub password_file: Option<PathBuf>,
}

/// `countersign person invite`.
#[derive(Clone, Debug, Args)]
pub struct PersonInvite {
    /// The person.
    #[command(flatten)]
    pub which: WhichPerson,
    /// The profile.
    #[command(flatten)]
    pub profile: Profile,
}

/// `countersign person set-password`.
#[derive(Clone, Debug, Args)]
pub struct PersonSetPassword {
    /// The person.
    #[command(flatten)]
    pub which: WhichPerson,
    /// A file with the password, without its last newline [default: standard input]
    #[arg(long, value_name = "PATH")]
    pub password_file: Option<PathBuf>,
    /// Do not ask for another password at the next sign-in
    #[arg(long)]
    pub permanent: bool,
}

/// `countersign person remove-device`.
#[derive(Clone, Debug, Args)]
pub struct PersonRemoveDevice {
    /// The person.
    #[command(flatten)]
    pub change: ChangePerson,
    /// The id of the device, dev_… (see `person show`)
    #[arg(value_name = "DEVICE")]
    pub device: String,
}

/// `countersign person revoke-consent`.
#[derive(Clone, Debug, Args)]
pub struct PersonRevokeConsent {
    /// The person.
    #[command(flatten)]
    pub change: ChangePerson,
    /// The client id of the application
    #[arg(value_name = "CLIENT_ID")]
    pub client_id: String,
}

/// `countersign person delete`.
#[derive(Clone, Debug, Args)]
pub struct PersonDelete {
    /// The person.
    #[command(flatten)]
    pub which: WhichPerson,
    /// Do not ask for the name again
    #[arg(long)]
    pub yes: bool,
}
