//! The settings as values, and what follows from them.

use super::network;
use base64::{
    Engine,
    engine::{general_purpose::GeneralPurpose, general_purpose::GeneralPurposeConfig},
};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Every setting. Made by [`Config::load`], which has checked it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where people and applications find this server; `None` means `http://localhost:PORT`.
    pub public_url: Option<String>,
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// An origin of its own for the authenticator; `None` means the public URL.
    pub authenticator_url: Option<String>,
    /// Which database; `None` means an SQLite file in the data directory.
    #[serde(skip_serializing)]
    pub database_url: Option<SecretString>,
    /// Where files are kept, when it was given; see [`Config::data_dir`].
    pub data_dir: Option<PathBuf>,
    /// What to do about pending migrations at start.
    pub migrate: Migrate,
    /// The key that seals what is secret in the database, when it was given.
    #[serde(skip_serializing)]
    pub encryption_key: Option<SecretString>,
    /// Whose forwarding headers are believed.
    #[serde(with = "network")]
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that may be called although their address is private.
    pub allow_outbound: Vec<String>,
    /// A MaxMind database that turns addresses into places.
    pub geoip_database: Option<PathBuf>,
    /// How long the audit trail is kept; 0 means for ever.
    pub audit_retention_days: u32,
    /// Which log lines are written.
    pub log_level: String,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Web Push.
    pub push: Push,
    /// Argon2id.
    pub password_hashing: PasswordHashing,
    /// What one source, and all together, may take.
    pub limits: Limits,
    /// The data directory when none was given.
    #[serde(skip)]
    pub(super) default_data_dir: PathBuf,
}

/// What to do about pending migrations at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Migrate {
    /// Run them.
    Auto,
    /// Refuse to start while there are any.
    Check,
    /// Do not look.
    Off,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The push services of the browsers: Chrome and its kin, Chromium built without Google's keys, Firefox, Safari, Edge.
pub const BROWSER_PUSH_HOSTS: [&str; 5] = [
    "fcm.googleapis.com",
    "jmt17.google.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
];

/// Web Push.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// Hosts that may be given as push services; `*.` stands for any subdomain, `*` alone for any public host.
    pub hosts: Vec<String>,
    /// The `sub` of RFC 8292: whom a push service may write to. `None` means the public URL.
    pub contact: Option<String>,
}

/// Argon2id, and how much of it at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordHashing {
    /// Memory in KiB for one hash.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// Hashes computed at the same time; 0 means one for each processor.
    pub concurrent: usize,
}

/// What one source, and all together, may take.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open connections; 0 means as many as the system allows within reason.
    pub connections: usize,
    /// Open connections of one source; trusted proxies are not counted.
    pub connections_per_source: usize,
    /// Sign-ins in progress of one source.
    pub journeys_per_source: usize,
    /// Wrong passwords and codes of one source in ten minutes.
    pub wrong_answers_per_source: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            authenticator_url: None,
            database_url: None,
            data_dir: None,
            migrate: Migrate::Auto,
            encryption_key: None,
            trusted_proxies: Vec::new(),
            allow_outbound: Vec::new(),
            geoip_database: None,
            audit_retention_days: 0,
            log_level: "info".to_owned(),
            log_format: LogFormat::Text,
            push: Push::default(),
            password_hashing: PasswordHashing::default(),
            limits: Limits::default(),
            default_data_dir: PathBuf::new(),
        }
    }
}

impl Default for Push {
    fn default() -> Self {
        Self { hosts: BROWSER_PUSH_HOSTS.map(str::to_owned).to_vec(), contact: None }
    }
}

impl Default for PasswordHashing {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1, concurrent: 0 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 0,
            connections_per_source: 1_000,
            journeys_per_source: 1_000,
            wrong_answers_per_source: 100,
        }
    }
}

impl Config {
    /// The public URL without a slash at its end: the issuer of every token.
    pub fn issuer(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://localhost:{}", self.listen.port()))
    }

    /// Whether browsers reach this server by TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Where the authenticator is opened, with a slash at its end.
    pub fn authenticator_url(&self) -> String {
        let origin = self.authenticator_url.clone().unwrap_or_else(|| self.issuer());
        format!("{origin}/authenticator/")
    }

    /// Where files are kept.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.as_deref().unwrap_or(&self.default_data_dir)
    }

    /// Which database to open.
    pub fn database_url(&self) -> SecretString {
        self.database_url.clone().unwrap_or_else(|| {
            let file = self.data_dir().join("countersign.sqlite");
            format!("sqlite:{}?mode=rwc", file.display()).into()
        })
    }

    /// Whom a push service may write to (RFC 8292 §2.1).
    pub fn push_contact(&self) -> String {
        // Push services take no address of this machine as a contact.
        let of_public_url =
            || if self.is_https() { self.issuer() } else { "mailto:operator@example.com".to_owned() };
        self.push.contact.clone().unwrap_or_else(of_public_url)
    }

    /// The sealing key, when one was given.
    pub fn encryption_key(&self) -> Option<Zeroizing<[u8; 32]>> {
        self.encryption_key.as_ref().and_then(|key| key_bytes(key.expose_secret()))
    }
}

/// 32 bytes from base64 or base64url, padded or not.
pub(super) fn key_bytes(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let lenient = GeneralPurpose::new(
        &base64::alphabet::URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    let url_safe = Zeroizing::new(text.replace('+', "-").replace('/', "_"));
    let bytes = Zeroizing::new(lenient.decode(url_safe.as_bytes()).ok()?);
    Some(Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_settings_the_house_is_on_loopback_under_a_name() {
        let config = Config::default();
        assert_eq!(config.issuer(), "http://localhost:8080");
        assert_eq!(config.authenticator_url(), "http://localhost:8080/authenticator/");
        assert!(!config.is_https());
    }

    #[test]
    fn a_key_is_read_in_both_alphabets_and_only_at_its_length() {
        let key = [251_u8; 32];
        for text in [
            base64::engine::general_purpose::STANDARD.encode(key),
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key),
        ] {
            assert_eq!(*key_bytes(&text).unwrap(), key);
        }
        assert!(key_bytes("c2hvcnQ=").is_none());
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = Config {
            encryption_key: Some("canary-key".to_owned().into()),
            database_url: Some("postgres://u:canary-password@h/d".to_owned().into()),
            ..Config::default()
        };
        assert!(!format!("{config:?}").contains("canary"));
    }
}
