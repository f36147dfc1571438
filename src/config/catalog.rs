//! Describes every setting, in the order of the reference.

/// The type of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, used unchanged.
    Text,
    /// Text, used unchanged and never printed.
    Secret,
    /// A whole number.
    Number,
    /// Words separated by commas or spaces.
    List,
}

/// One setting.
#[derive(Debug)]
pub(super) struct Setting {
    /// The name in a file, with dots between tables.
    pub(super) key: &'static str,
    /// The type.
    pub(super) kind: Kind,
    /// The effect, and when to change it, as Markdown.
    pub(super) about: &'static str,
    /// The default in words; empty if it is a plain value of `Config::default`.
    pub(super) otherwise: &'static str,
    /// An example value as TOML.
    pub(super) example: &'static str,
}

impl Setting {
    /// Returns the name of the variable: `limits.connections` is `COUNTERSIGN_LIMITS__CONNECTIONS`.
    pub(super) fn variable(&self) -> String {
        format!("COUNTERSIGN_{}", self.key.replace('.', "__").to_uppercase())
    }
}

/// Finds the setting with this key.
pub(super) fn setting(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// Returns the keys of the settings that hold secrets, in the order of the reference.
pub fn secret_settings() -> Vec<&'static str> {
    let secrets = SETTINGS.iter().filter(|setting| setting.kind == Kind::Secret);
    secrets.map(|setting| setting.key).collect()
}

/// Builds a row of [`SETTINGS`].
const fn line(
    key: &'static str,
    kind: Kind,
    otherwise: &'static str,
    example: &'static str,
    about: &'static str,
) -> Setting {
    Setting { key, kind, about, otherwise, example }
}

/// Every setting.
pub(super) const SETTINGS: &[Setting] = &[
    line(
        "public_url",
        Kind::Text,
        "`http://localhost:` and the port of `listen`",
        "\"https://id.example.com\"",
        "The address by which people and applications reach this server. It is the issuer of every token: \
         changing it later means reconfiguring every application. Must use `https`, except for localhost.",
    ),
    line(
        "listen",
        Kind::Text,
        "",
        "\"0.0.0.0:8080\"",
        "The address and port to listen on, without TLS. `127.0.0.1` and `[::1]` each mean both, because \
         programs resolve `localhost` differently. The plain variables `HOST` and `PORT` are read when \
         this one is not set.",
    ),
    line(
        "authenticator_url",
        Kind::Text,
        "the public URL",
        "\"https://approve.example.com\"",
        "A separate origin for the authenticator, which leads to the same server.",
    ),
    line(
        "database_url",
        Kind::Secret,
        "an SQLite file in the data directory",
        "\"postgres://countersign:PASSWORD@db.internal/countersign\"",
        "`sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. The plain variable `DATABASE_URL` is read \
         when this one is not set.",
    ),
    line(
        "data_dir",
        Kind::Text,
        "`$STATE_DIRECTORY`, or `/var/lib/countersign` as root, or `$XDG_DATA_HOME/countersign`",
        "\"/var/lib/countersign\"",
        "The directory of the SQLite file and of generated keys.",
    ),
    line(
        "migrate",
        Kind::Text,
        "",
        "\"check\"",
        "Pending database migrations at start: `auto` runs them, `check` refuses to start, `off` does not check.",
    ),
    line(
        "encryption_key",
        Kind::Secret,
        "a generated file in the data directory",
        "\"BASE64 OF 32 RANDOM BYTES\"",
        "Encrypts secrets in the database: 32 bytes in base64 (`openssl rand -base64 32`). All processes \
         on one database need the same key; keep a copy apart from the database's backups.",
    ),
    line(
        "trusted_proxies",
        Kind::List,
        "none",
        "[\"10.0.0.0/8\"]",
        "Networks of proxies whose header `client_ip_header` and `X-Request-Id` are trusted. Without it \
         the address of a client is that of its connection.",
    ),
    line(
        "client_ip_header",
        Kind::Text,
        "",
        "\"forwarded\"",
        "The header in which the trusted proxies report the address of a client: `x-forwarded-for` or \
         `forwarded` (RFC 7239). The proxy must remove the other one: where both arrive, neither is \
         believed, and the address of the proxy counts.",
    ),
    line(
        "allow_outbound",
        Kind::List,
        "none",
        "[\"https://push.internal:8443\"]",
        "Origins that the server may call although they are in a private network.",
    ),
    line(
        "geoip_database",
        Kind::Text,
        "no places are shown",
        "\"/usr/share/GeoIP/GeoLite2-City.mmdb\"",
        "A MaxMind database file: the phone then shows where a sign-in comes from, and warns when that is far away.",
    ),
    line(
        "audit_retention_days",
        Kind::Number,
        "",
        "400",
        "Audit events are deleted after this number of days; 0 keeps them forever.",
    ),
    line(
        "log_level",
        Kind::Text,
        "",
        "\"info,countersign=debug\"",
        "`error`, `warn`, `info`, `debug` or `trace`, also by module. The plain variable `RUST_LOG` is read \
         when this one is not set. Libraries are capped, because at finer levels they print addresses, \
         headers and values: hyper, hyper_util, h2, reqwest and rustls at `debug`, all others at `info`.",
    ),
    line(
        "log_format",
        Kind::Text,
        "",
        "\"json\"",
        "`text` for people, `json` for machines. Always to stderr.",
    ),
    line(
        "smtp_url",
        Kind::Secret,
        "no letter is sent",
        "\"smtp://USER:PASSWORD@mail.example.com:587\"",
        "The mail server for letters: `smtps://` (TLS from the start, port 465) or `smtp://` (port 587), which \
         requires STARTTLS, except for localhost, where letters go unencrypted. `?tls=required`, \
         `?tls=opportunistic` and `?tls=none` after `smtp://` say it otherwise; the last two take no password, \
         except for localhost.",
    ),
    line(
        "push.hosts",
        Kind::List,
        "those of Chrome, Chromium, Firefox, Safari and Edge",
        "[\"fcm.googleapis.com\", \"jmt17.google.com\", \"*.push.services.mozilla.com\", \"*.push.apple.com\", \"ntfy.example.com\"]",
        "The only hosts allowed as push services; `*.` stands for any subdomain, `*` alone for any public \
         host. A list replaces the default one: repeat the browsers' hosts in it. When a browser's service \
         is refused, the log names its host, once.",
    ),
    line(
        "push.contact",
        Kind::Text,
        "the public URL",
        "\"mailto:postmaster@example.com\"",
        "A contact for the operators of push services: a `mailto:` or `https:` address. Apple refuses pushes \
         without a real one.",
    ),
    line(
        "mail.from",
        Kind::Text,
        "none; needed with `smtp_url`",
        "\"Northwind <no-reply@example.com>\"",
        "The sender of letters: an email address, or a name and an address in angle brackets.",
    ),
    line("password_hashing.memory_kib", Kind::Number, "", "65536", "Argon2id: KiB of memory for one hash."),
    line("password_hashing.iterations", Kind::Number, "", "3", "Argon2id: passes over the memory."),
    line("password_hashing.parallelism", Kind::Number, "", "1", "Argon2id: lanes."),
    line(
        "password_hashing.concurrent",
        Kind::Number,
        "",
        "4",
        "Hashes computed at the same time; 0 means one for each processor. Each of them takes `memory_kib`.",
    ),
    line(
        "limits.connections",
        Kind::Number,
        "",
        "50000",
        "Open connections; further ones are answered 503. 0 derives the number from the limit of open files, \
         which the server raises as far as the system allows, up to 20000 connections.",
    ),
    line(
        "limits.connections_per_source",
        Kind::Number,
        "",
        "200",
        "Open connections of one IPv4 address or IPv6 /64; trusted proxies and loopback are not counted.",
    ),
    line(
        "limits.journeys_per_source",
        Kind::Number,
        "",
        "500",
        "Sign-ins in progress of one source; beyond that the oldest is dropped.",
    ),
    line(
        "limits.wrong_answers_per_source",
        Kind::Number,
        "",
        "50",
        "Wrong passwords and codes of one source in ten minutes; beyond that the answer is 429.",
    ),
    line(
        "limits.anonymous_writes_per_source",
        Kind::Number,
        "",
        "3000",
        "Writes to the database in a minute that requests of one source cause before they have proved \
         anything, such as typed names; beyond that the answer is 429. Raise it where many people share \
         one address.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn keys(prefix: &str, value: &Value) -> BTreeSet<String> {
        let Value::Object(members) = value else { return BTreeSet::from([prefix.to_owned()]) };
        members
            .iter()
            .flat_map(|(name, value)| {
                keys(&if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") }, value)
            })
            .collect()
    }

    #[test]
    fn the_catalog_names_every_setting_and_nothing_else() {
        let mut in_code = keys("", &serde_json::to_value(Config::default()).unwrap());
        // Secrets are never serialized.
        in_code.extend(SETTINGS.iter().filter(|s| s.kind == Kind::Secret).map(|s| s.key.to_owned()));
        let in_catalog: BTreeSet<String> = SETTINGS.iter().map(|setting| setting.key.to_owned()).collect();
        assert_eq!(in_catalog, in_code);
    }
}
