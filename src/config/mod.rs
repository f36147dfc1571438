//! Every setting with its default and its reason.
//!
//! Never opens a socket or a database, and never prints a secret.
//! Spec: the environment and file conventions of `docs/configuration.md`, which is written from here.
//! Called by: `main`, once; everyone else is given the values.
//!
//! `settings` are the values · `catalog` says what each is for · `layers` decides who wins ·
//! `environment` reads variables · `validation` refuses · `documentation` writes the reference ·
//! `configuration_file` reads TOML · `database_url` reads the database's address · `redaction` repeats values without
//! secrets.

mod catalog;
mod configuration_file;
mod database_url;
mod deserializer;
mod documentation;
mod environment;
mod layers;
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
pub use redaction::redacted;
pub use settings::{BROWSER_PUSH_HOSTS, Config, Limits, LogFormat, Migrate, PasswordHashing, Push};
