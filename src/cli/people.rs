//! The options of `countersign person`.

use super::Common;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The commands for people.
#[derive(Clone, Debug, Subcommand)]
pub enum PersonCommand {
    /// Add a person; the password is read from a file, or from standard input
    Add(PersonAdd),
    /// Remove a person's authenticators, for example after a lost phone
    ResetMfa(PersonResetMfa),
}

/// `countersign person add`.
#[derive(Clone, Debug, Args)]
pub struct PersonAdd {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The name to sign in with
    pub username: String,
    /// The pool to add the person to
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: String,
    /// The full name, as applications show it
    #[arg(long)]
    pub name: Option<String>,
    /// The mail address
    #[arg(long)]
    pub email: Option<String>,
    /// A file with the password, without its last newline [default: standard input]
    #[arg(long, value_name = "PATH")]
    pub password_file: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `countersign person reset-mfa`.
#[derive(Clone, Debug, Args)]
pub struct PersonResetMfa {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The name to sign in with
    pub username: String,
    /// The pool of the person
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: String,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
