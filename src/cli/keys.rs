//! The options of `countersign keys`.

use super::Common;
use crate::{config::redacted, directory::SigningAlgorithm};
use clap::{Args, Subcommand, ValueEnum};

/// The commands for the keys that sign ID tokens and push messages.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys; with --json one object a line
    List(KeysList),
    /// Create new keys, which take the place of the present ones on every node
    Rotate(KeysRotate),
    /// Delete a key: nothing that it has signed is valid any more
    Retire(KeysRetire),
}

/// `countersign keys list`.
#[derive(Clone, Debug, Args)]
pub struct KeysList {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The workspace
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub workspace: String,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `countersign keys rotate`.
#[derive(Clone, Debug, Args)]
pub struct KeysRotate {
    /// The workspace.
    #[command(flatten)]
    pub list: KeysList,
    /// Only keys of this purpose [default: both]
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: Option<PurposeOption>,
    /// Only the key of this algorithm: RS256, ES256 or EdDSA [default: all]
    #[arg(long, value_name = "ALGORITHM", value_parser = algorithm)]
    pub alg: Option<SigningAlgorithm>,
}

/// `countersign keys retire`.
#[derive(Clone, Debug, Args)]
pub struct KeysRetire {
    /// The workspace.
    #[command(flatten)]
    pub list: KeysList,
    /// The id of the key
    #[arg(value_name = "KID")]
    pub kid: String,
    /// Also a key that is in use: its ID tokens are no hints any more, and the phones that need it get no push until
    /// they are opened
    #[arg(long)]
    pub force: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
}

/// A purpose of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PurposeOption {
    /// ID tokens
    IdToken,
    /// Push messages
    Push,
}

fn algorithm(text: &str) -> Result<SigningAlgorithm, String> {
    let known = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == text);
    known.ok_or_else(|| format!("`{}` is not an algorithm; write RS256, ES256 or EdDSA", redacted(text)))
}
