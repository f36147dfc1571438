//! Every setting with its default and its reason.
//!
//! Never opens a socket or a database, and never prints a secret.
//! Spec: the environment and file conventions of `docs/configuration.md`, which is generated from `catalog`.
//! Called by: `main`, once; all other modules receive the values.
//!
//! `settings` are the values · `catalog` documents each setting · `layers` applies the precedence ·
//! `environment` reads variables · `configuration_file` reads TOML · `value` and `deserializer` turn both into
//! settings, with errors from `read_error` · `validation` checks values · `documentation` generates the reference ·
//! `database_url` and `network` parse their values · `paths` are the default places of files · `redaction` removes
//! secrets from values in errors.

mod catalog;
mod configuration_file;
mod database_url;
mod deserializer;
mod documentation;
mod environment;
mod layers;
mod mail;
mod network;
mod paths;
mod read_error;
mod redaction;
mod settings;
mod validation;
mod value;

pub use catalog::secret_settings;
pub use database_url::DatabaseUrl;
pub use documentation::{example_file, reference_table};
pub use layers::{ConfigError, Sources};
pub use mail::{Letters, Sender, SmtpServer, SmtpTls};
pub use redaction::redacted;
pub use settings::{
    BROWSER_PUSH_HOSTS, ClientIpHeader, Config, Limits, LogFormat, Mail, Migrate, PasswordHashing, Push,
};
