//! The commands of the program.

use super::{
    AuditCommand, ClientCommand, Common, Demo, Healthcheck, KeysCommand, PersonCommand, PoolCommand, Serve,
    WorkspaceCommand,
};
use clap::{Parser, Subcommand};

/// Countersign: a self-hosted OpenID Connect identity provider with approvals on the phone.
#[derive(Clone, Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The text below the list of commands.
const EXAMPLES: &str = "Examples:
  countersign demo                                   try it, nothing is kept
  countersign serve --public-url https://id.example.com
  countersign person add ada --email ada@example.com < password.txt
  countersign client add --name Wiki --redirect-uri https://wiki.example.com/callback

Every setting, its variable and its default: docs/configuration.md";

/// The commands of the program.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the identity provider
    Serve(Serve),
    /// Try it: a throw-away identity provider and an application that uses it
    Demo(Demo),
    /// Manage people
    #[command(subcommand)]
    Person(PersonCommand),
    /// Manage applications
    #[command(subcommand)]
    Client(ClientCommand),
    /// Manage pools of people and their sign-in policy
    #[command(subcommand)]
    Pool(PoolCommand),
    /// Manage workspaces
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Manage the keys that sign ID tokens and push messages
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Read the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Bring the database's schema up to date
    Migrate(Common),
    /// Print the device API's OpenAPI document
    Openapi,
    /// Check that a running server is alive; for containers
    Healthcheck(Healthcheck),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parsed(line: &str) -> Command {
        Cli::try_parse_from(line.split(' ')).unwrap().command
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_option_takes_a_secret() {
        let line = "countersign person add ada --password secret";
        assert!(Cli::try_parse_from(line.split(' ')).is_err());
        let line = "countersign person add ada --password-file /run/secrets/ada --pool people";
        assert!(Cli::try_parse_from(line.split(' ')).is_ok());
    }

    #[test]
    fn the_debug_output_of_a_command_omits_the_database_url() {
        for line in ["countersign migrate --database MARK", "countersign demo --database MARK"] {
            assert!(!format!("{:?}", parsed(line)).contains("MARK"), "{line}");
        }
    }
}
