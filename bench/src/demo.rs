use crate::processes::Pinned;
use anyhow::Context;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use url::Url;

/// The redirect URI of the benchmark's sign-ins. Nothing listens there: the redirect is not followed.
pub const REDIRECT_URI: &str = "http://localhost:9/callback";

/// The members of the JSON of `countersign demo --json` that the benchmark uses.
#[derive(Clone, Deserialize)]
pub struct Described {
    /// The issuer.
    pub issuer: Url,
    /// A confidential client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// A person with a password who must enroll a phone first.
    pub username: String,
    /// The password.
    pub password: String,
    /// A person who needs only a password.
    pub guest_username: String,
    /// The password.
    pub guest_password: String,
}

/// A running demo.
pub struct Demo {
    /// Its process.
    pub process: Pinned,
    /// The JSON that it printed.
    pub described: Described,
}

impl Demo {
    /// Starts the demo on `core` with `database`, whose tables are made when they are not there. Its log goes
    /// to `folder`.
    pub fn start(core: usize, server: &Path, folder: &Path, database: &str) -> anyhow::Result<Self> {
        let arguments = ["demo", "--json", "--redirect-uri", REDIRECT_URI, "--database", database];
        let process = Pinned::start(core, server, &arguments, &folder.join("server.log"))?;
        let described = serde_json::from_str(&process.first_line).context("the demo's first line")?;
        Ok(Self { process, described })
    }
}

/// The URL of the database in `folder`.
pub fn database(folder: &Path) -> String {
    format!("sqlite://{}?mode=rwc", folder.join("countersign.db").display())
}

/// The file of the encryption key of that database.
pub fn key(folder: &Path) -> PathBuf {
    folder.join("countersign.db.key")
}

impl Described {
    /// The issuer's port.
    pub fn port(&self) -> u16 {
        self.issuer.port_or_known_default().unwrap_or_default()
    }

    /// The issuer's name and port, as browsers send them.
    pub fn host(&self) -> String {
        format!("{}:{}", self.issuer.host_str().unwrap_or("localhost"), self.port())
    }
}
