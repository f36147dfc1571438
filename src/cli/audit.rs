//! The options of `countersign audit`.

use super::Common;
use clap::{Args, Subcommand};

/// The commands for the audit log.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// List events, newest first; with --json one object a line
    List(AuditList),
    /// Print all selected events, oldest first, as one JSON object a line (NDJSON)
    Export(AuditSelection),
}

/// Which events.
#[derive(Clone, Debug, Args)]
pub struct AuditSelection {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The workspace
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub workspace: String,
    /// Only events about this person: the name to sign in with, or an id per_…
    #[arg(long, value_name = "USERNAME")]
    pub person: Option<String>,
    /// The pool of the person
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: String,
    /// Only events about this application: the client id, or an id cli_…
    #[arg(long, value_name = "CLIENT_ID")]
    pub client: Option<String>,
    /// Only events with this code, such as person.disabled
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// Only events at or after this time: 2026-11-30, or 2026-11-30T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only events before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

/// `countersign audit list`.
#[derive(Clone, Debug, Args)]
pub struct AuditList {
    /// Which events.
    #[command(flatten)]
    pub selection: AuditSelection,
    /// At most so many events
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub limit: u64,
    /// Only events older than the one with this id, aud_…: the last one of the page before
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
