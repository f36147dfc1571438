//! The options of `countersign workspace` and `countersign pool`.

use super::Common;
use crate::{
    config::redacted,
    directory::{FirstDeviceRule, SecondFactorRule, UserVerification},
};
use clap::{Args, Subcommand};

/// The commands for workspaces.
#[derive(Clone, Debug, Subcommand)]
pub enum WorkspaceCommand {
    /// List the workspaces; with --json one object a line
    List(ListOptions),
    /// Add a workspace with its first pool and its keys; its issuer is `/w/SLUG` below the public URL
    Add(WorkspaceAdd),
    /// Show a workspace
    Show(WorkspaceShow),
    /// Change settings of a workspace; what is not named stays
    Set(WorkspaceSet),
}

/// A list without further options.
#[derive(Clone, Debug, Args)]
pub struct ListOptions {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `countersign workspace add`.
#[derive(Clone, Debug, Args)]
pub struct WorkspaceAdd {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// Its short name in addresses: a lower-case letter, then lower-case letters, digits and hyphens
    #[arg(value_name = "SLUG")]
    pub slug: String,
    /// The name that people see on every page and on the phone; the slug without it
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// The name of its first pool
    #[arg(long, value_name = "NAME", default_value = "People")]
    pub pool_name: String,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `countersign workspace show`.
#[derive(Clone, Debug, Args)]
pub struct WorkspaceShow {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The workspace
    #[arg(value_name = "NAME", default_value = "default")]
    pub workspace: String,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `countersign workspace set`.
#[derive(Clone, Debug, Args)]
pub struct WorkspaceSet {
    /// The workspace.
    #[command(flatten)]
    pub show: WorkspaceShow,
    /// The name that people see on every page and on the phone
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
}

/// The commands for pools.
#[derive(Clone, Debug, Subcommand)]
pub enum PoolCommand {
    /// List the pools; with --json one object a line
    List(PoolList),
    /// Show a pool and its sign-in policy
    Show(WhichPool),
    /// Change a pool; what is not named stays
    Set(PoolSet),
}

/// `countersign pool list`.
#[derive(Clone, Debug, Args)]
pub struct PoolList {
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

/// One pool.
#[derive(Clone, Debug, Args)]
pub struct WhichPool {
    /// The list that the pool is in.
    #[command(flatten)]
    pub list: PoolList,
    /// The pool
    #[arg(value_name = "NAME", default_value = "people")]
    pub pool: String,
}

/// `countersign pool set`.
#[derive(Clone, Debug, Args)]
pub struct PoolSet {
    /// The pool.
    #[command(flatten)]
    pub which: WhichPool,
    /// The display name of the pool
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// What a person's first device needs: first_factor, or also a ticket of an operator
    #[arg(long, value_name = "RULE", value_parser = first_device)]
    pub first_device: Option<FirstDeviceRule>,
    /// When a second factor is needed: always, or when_asked by an application
    #[arg(long, value_name = "WHEN", value_parser = second_factor)]
    pub second_factor: Option<SecondFactorRule>,
    /// Whether the phone verifies its user: required, preferred or off
    #[arg(long, value_name = "RULE", value_parser = user_verification)]
    pub user_verification: Option<UserVerification>,
}

fn first_device(text: &str) -> Result<FirstDeviceRule, String> {
    let known = FirstDeviceRule::ALL.into_iter().find(|rule| rule.as_str() == text);
    known.ok_or_else(|| format!("`{}` is not a rule; write first_factor or ticket", redacted(text)))
}

fn second_factor(text: &str) -> Result<SecondFactorRule, String> {
    let known = SecondFactorRule::ALL.into_iter().find(|rule| rule.as_str() == text);
    known.ok_or_else(|| format!("`{}` is not a rule; write always or when_asked", redacted(text)))
}

fn user_verification(text: &str) -> Result<UserVerification, String> {
    let known = UserVerification::ALL.into_iter().find(|rule| rule.as_str() == text);
    known.ok_or_else(|| format!("`{}` is not a rule; write required, preferred or off", redacted(text)))
}
