//! The options of all commands but those for people and applications.

use clap::Args;
use secrecy::SecretString;
use std::{net::SocketAddr, path::PathBuf};

/// The configuration sources of every command that opens the database.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// A configuration file, or a folder of them; repeatable, a later one wins
    #[arg(long, value_name = "PATH")]
    pub config: Vec<PathBuf>,
    /// The database: sqlite:PATH or postgres://HOST/NAME; a password belongs in COUNTERSIGN_DATABASE_URL_FILE
    #[arg(long, value_name = "URL")]
    pub database: Option<SecretString>,
    /// The folder of the SQLite file and the generated keys
    #[arg(long, value_name = "PATH")]
    pub data_dir: Option<PathBuf>,
}

/// `countersign serve`.
#[derive(Clone, Debug, Default, Args)]
pub struct Serve {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The address and port to listen on
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The address by which people and applications reach this server
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// An origin in a private network that the server may call; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub allow_outbound: Vec<String>,
}

/// `countersign demo`.
#[derive(Clone, Debug, Default, Args)]
pub struct Demo {
    /// The address and port to listen on [default: 127.0.0.1:8080, or another free port when it is taken]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The URL of a TLS proxy or tunnel in front of the demo, for use with a real phone
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A redirect URI of your own application; repeatable
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,
    /// A post-logout redirect URI of your own application; repeatable
    #[arg(long, value_name = "URI")]
    pub post_logout_redirect_uri: Vec<String>,
    /// The database [default: an SQLite file in a temporary folder]
    #[arg(long, value_name = "URL")]
    pub database: Option<SecretString>,
    /// An origin in a private network that the server may call; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub allow_outbound: Vec<String>,
    /// Print one JSON object with everything a script needs when the server is ready
    #[arg(long)]
    pub json: bool,
}

/// `countersign healthcheck`.
#[derive(Clone, Debug, Args)]
pub struct Healthcheck {
    /// The server to check [default: the configured listening address]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A configuration file, or a folder of them; repeatable, a later one wins
    #[arg(long, value_name = "PATH")]
    pub config: Vec<PathBuf>,
}
