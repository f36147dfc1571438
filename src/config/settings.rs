//! The settings as values, and values derived from several settings.

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

/// Every setting; [`Config::load`] builds and validates it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The origin by which people and applications reach this server; `None` means `http://localhost:PORT`.
    pub public_url: Option<String>,
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// A separate origin for the authenticator; `None` means the public URL.
    pub authenticator_url: Option<String>,
    /// The URL of the database; `None` means an SQLite file in the data directory.
    #[serde(skip_serializing)]
    pub database_url: Option<SecretString>,
    /// The data directory, if configured; see [`Config::data_dir`].
    pub data_dir: Option<PathBuf>,
    /// How pending migrations are handled at start.
    pub migrate: Migrate,
    /// The key that encrypts secrets in the database, if configured.
    #[serde(skip_serializing)]
    pub encryption_key: Option<SecretString>,
    /// Networks of proxies whose forwarding headers are trusted.
    #[serde(with = "network")]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which trusted proxies report the address of a client.
    pub client_ip_header: ClientIpHeader,
    /// Origins that the server may call although their addresses are private.
    pub allow_outbound: Vec<String>,
    /// A MaxMind database that maps addresses to places.
    pub geoip_database: Option<PathBuf>,
    /// How long audit events are kept, in days; 0 means forever.
    pub audit_retention_days: u32,
    /// The filter for log lines.
    pub log_level: String,
    /// The format of log lines.
    pub log_format: LogFormat,
    /// Web Push.
    pub push: Push,
    /// The mail server, with user and password.
    #[serde(skip_serializing)]
    pub smtp_url: Option<SecretString>,
    /// Letters.
    pub mail: Mail,
    /// Parameters of Argon2id.
    pub password_hashing: PasswordHashing,
    /// Limits for one source, and for all sources together.
    pub limits: Limits,
    /// The data directory if none is configured.
    #[serde(skip)]
    pub(super) default_data_dir: PathBuf,
}

/// How pending migrations are handled at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Migrate {
    /// Run them.
    Auto,
    /// Refuse to start while any are pending.
    Check,
    /// Do not check for any.
    Off,
}

/// The header in which trusted proxies report the address of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientIpHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ClientIpHeader {
    /// Returns the name of the header, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The push services of Chrome and its relatives, Chromium built without Google's keys, Firefox, Safari and
/// Edge.
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
    /// Hosts allowed as push services; `*.` stands for any subdomain, `*` alone for any public host.
    pub hosts: Vec<String>,
    /// The `sub` claim, a contact for push services (RFC 8292 §2.1); `None` means the public URL.
    pub contact: Option<String>,
}

/// Letters to people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The sender: an email address, or a name with an address in angle brackets.
    pub from: Option<String>,
}

/// Parameters of Argon2id (RFC 9106), and how many hashes are computed at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordHashing {
    /// Memory for one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Parallel lanes of one hash.
    pub parallelism: u32,
    /// The maximum number of hashes computed at the same time; 0 means one for each processor.
    pub concurrent: usize,
}

/// Limits for one source, and for all sources together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The maximum number of open connections; 0 derives it from the limit of open files.
    pub connections: usize,
    /// The maximum number of open connections of one source; trusted proxies and loopback are not counted.
    pub connections_per_source: usize,
    /// The maximum number of sign-ins in progress of one source.
    pub journeys_per_source: usize,
    /// The maximum number of wrong passwords and codes of one source in ten minutes.
    pub wrong_answers_per_source: u32,
    /// The maximum number of writes in a minute that requests of one source cause without a proof.
    pub anonymous_writes_per_source: u32,
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
            client_ip_header: ClientIpHeader::default(),
            allow_outbound: Vec::new(),
            geoip_database: None,
            audit_retention_days: 0,
            log_level: "info".to_owned(),
            log_format: LogFormat::Text,
            push: Push::default(),
            smtp_url: None,
            mail: Mail::default(),
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
            anonymous_writes_per_source: 600,
        }
    }
}

impl Config {
    /// Returns the public URL without a trailing slash: the issuer of every token.
    pub fn issuer(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://localhost:{}", self.listen.port()))
    }

    /// Whether browsers reach this server by TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Returns the URL of the authenticator, with a trailing slash.
    pub fn authenticator_url(&self) -> String {
        let origin = self.authenticator_url.clone().unwrap_or_else(|| self.issuer());
        format!("{origin}/authenticator/")
    }

    /// Returns the data directory, configured or default.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.as_deref().unwrap_or(&self.default_data_dir)
    }

    /// Returns the URL of the database, configured or default.
    pub fn database_url(&self) -> SecretString {
        self.database_url.clone().unwrap_or_else(|| {
            let file = self.data_dir().join("countersign.sqlite");
            format!("sqlite:{}?mode=rwc", file.display()).into()
        })
    }

    /// Returns the contact for push services: a `mailto:` or `https:` URL (RFC 8292 §2.1).
    pub fn push_contact(&self) -> String {
        // Push services refuse a loopback address as a contact.
        let default =
            || if self.is_https() { self.issuer() } else { "mailto:operator@example.com".to_owned() };
        self.push.contact.clone().unwrap_or_else(default)
    }

    /// Returns the sealing key, if configured.
    pub fn encryption_key(&self) -> Option<Zeroizing<[u8; 32]>> {
        self.encryption_key.as_ref().and_then(|key| key_bytes(key.expose_secret()))
    }
}

/// Decodes 32 bytes from base64 or base64url, padded or not; `None` for any other text.
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
    fn the_default_issuer_is_localhost_without_tls() {
        let config = Config::default();
        assert_eq!(config.issuer(), "http://localhost:8080");
        assert_eq!(config.authenticator_url(), "http://localhost:8080/authenticator/");
        assert!(!config.is_https());
    }

    #[test]
    fn a_key_is_read_in_both_alphabets_and_only_with_32_bytes() {
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
