//! Checks the values of settings. An error says what was received, what was expected and what to do.

use super::{
    database_url::DatabaseUrl,
    redaction::redacted,
    settings::{Config, key_bytes},
};
use secrecy::ExposeSecret;
use url::{Host, Url};

/// Returns one sentence for each invalid value.
pub(super) fn problems(config: &Config) -> Vec<String> {
    let results = [
        check_public_url(config),
        check_reachability(config),
        check_authenticator_url(config),
        check_database_url(config),
        check_encryption_key(config),
        check_outbound(config),
        check_push_contact(config),
        check_mail(config),
        check_numbers(config),
    ];
    results.into_iter().filter_map(Result::err).collect()
}

/// The public URL is an origin in the serialization of browsers.
fn check_public_url(config: &Config) -> Result<(), String> {
    config.public_url.as_deref().map_or(Ok(()), |url| check_own_origin("public_url", url))
}

/// A server that other machines can reach needs a public URL.
fn check_reachability(config: &Config) -> Result<(), String> {
    if config.public_url.is_some() || config.listen.ip().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "listen: {} is reachable from other machines, but public_url is not set; set COUNTERSIGN_PUBLIC_URL \
         to the address that browsers use, for example https://id.example.com",
        config.listen
    ))
}

/// The authenticator's own origin obeys the rules of the public URL.
fn check_authenticator_url(config: &Config) -> Result<(), String> {
    config.authenticator_url.as_deref().map_or(Ok(()), |url| check_own_origin("authenticator_url", url))
}

/// The database URL can be parsed. It is not repeated, because it may contain a password.
fn check_database_url(config: &Config) -> Result<(), String> {
    let Some(url) = &config.database_url else { return Ok(()) };
    DatabaseUrl::parse(url.expose_secret()).map(drop).map_err(|problem| format!("database_url: {problem}"))
}

/// The sealing key has 256 bits. It is not repeated.
fn check_encryption_key(config: &Config) -> Result<(), String> {
    match &config.encryption_key {
        Some(key) if key_bytes(key.expose_secret()).is_none() => Err(format!(
            "encryption_key: expected 32 bytes in base64 (43 or 44 characters), got {} characters; make one \
             with `openssl rand -base64 32`",
            key.expose_secret().chars().count()
        )),
        _ => Ok(()),
    }
}

/// Allowed private destinations are origins.
fn check_outbound(config: &Config) -> Result<(), String> {
    match config.allow_outbound.iter().find(|origin| !is_origin(origin)) {
        Some(origin) => Err(format!(
            "allow_outbound: `{}` is not an origin; write scheme, host and port only, for example \
             https://push.internal:8443",
            redacted(origin)
        )),
        None => Ok(()),
    }
}

/// The contact for push services is a `mailto:` or `https:` URL (RFC 8292 §2.1).
fn check_push_contact(config: &Config) -> Result<(), String> {
    match config.push.contact.as_deref() {
        Some(contact) if !contact.starts_with("mailto:") && !contact.starts_with("https:") => Err(format!(
            "push.contact: `{}` must begin with mailto: or https:, for example \
             mailto:postmaster@example.com",
            redacted(contact)
        )),
        _ => Ok(()),
    }
}

/// The mail server and the sender can be used; the URL is not repeated, because it may contain a password.
fn check_mail(config: &Config) -> Result<(), String> {
    config.letters().map(drop)
}

/// Numbers are not below the minimum that works and is safe.
fn check_numbers(config: &Config) -> Result<(), String> {
    let (hashing, limits) = (&config.password_hashing, &config.limits);
    let least = [
        ("password_hashing.memory_kib", u64::from(hashing.memory_kib), 7_168),
        ("password_hashing.iterations", u64::from(hashing.iterations), 1),
        ("password_hashing.parallelism", u64::from(hashing.parallelism), 1),
        ("limits.connections_per_source", limits.connections_per_source as u64, 1),
        ("limits.journeys_per_source", limits.journeys_per_source as u64, 1),
        ("limits.wrong_answers_per_source", u64::from(limits.wrong_answers_per_source), 1),
        ("limits.anonymous_writes_per_source", u64::from(limits.anonymous_writes_per_source), 1),
    ];
    match least.iter().find(|(_, value, least)| value < least) {
        Some((key, value, least)) => Err(format!("{key}: {value} is too little; at least {least} is needed")),
        None => Ok(()),
    }
}

/// An own origin is `https://host[:port]` as the URL standard serializes it; `http` only for localhost.
fn check_own_origin(key: &str, text: &str) -> Result<(), String> {
    let expected = "expected scheme, host and port only, for example https://id.example.com";
    let shown = redacted(text);
    let url =
        Url::parse(text).map_err(|error| format!("{key}: `{shown}` is not a URL ({error}); {expected}"))?;
    if !is_origin(text) {
        let origin = url.origin().ascii_serialization();
        let hint = if is_origin(&origin) { format!("write {origin}") } else { expected.to_owned() };
        return Err(format!("{key}: `{shown}` is not exactly an origin; {hint}"));
    }
    if url.scheme() == "http" && !is_this_machine(&url) {
        return Err(format!(
            "{key}: `{shown}` is not protected by TLS; use https (a proxy in front may terminate TLS), or \
             localhost for a trial"
        ));
    }
    Ok(())
}

/// Whether `text` is an `http` or `https` origin in its canonical form.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}

/// Whether the URL can only lead to this machine.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_public_url(url: &str) -> Vec<String> {
        problems(&Config { public_url: Some(url.to_owned()), ..Config::default() })
    }

    #[test]
    fn the_public_url_is_an_origin_with_https_or_localhost() {
        for url in [
            "https://id.example.com",
            "https://id.example.com:8443",
            "http://localhost:8080",
            "http://id.localhost",
            "http://127.0.0.1:9",
            "http://[::1]:9",
        ] {
            assert_eq!(with_public_url(url), [] as [String; 0], "{url}");
        }
        for (url, hint) in [
            ("https://id.example.com/", "write https://id.example.com"),
            ("https://id.example.com/sso", "write https://id.example.com"),
            ("HTTPS://Id.Example.com", "write https://id.example.com"),
            ("https://id.example.com:443", "write https://id.example.com"),
            ("https://user@id.example.com", "write https://id.example.com"),
            ("https://id.example.com?x", "write https://id.example.com"),
            ("https://id.example.com#x", "write https://id.example.com"),
            ("http://id.example.com", "use https"),
            ("http://localhost.example.com", "use https"),
            ("ftp://id.example.com", "expected scheme, host and port only, for example https://"),
            ("id.example.com", "is not a URL"),
        ] {
            let found = with_public_url(url);
            assert!(found.len() == 1 && found[0].contains(hint), "{url}: {found:?}");
        }
    }

    #[test]
    fn a_server_reachable_from_other_machines_needs_a_public_url() {
        let open = Config { listen: "0.0.0.0:8080".parse().unwrap(), ..Config::default() };
        assert!(problems(&open)[0].contains("COUNTERSIGN_PUBLIC_URL"));
        let named = Config { public_url: Some("https://id.example".to_owned()), ..open };
        assert!(problems(&named).is_empty());
    }

    #[test]
    fn the_error_for_an_invalid_secret_does_not_repeat_it() {
        let config = Config {
            database_url: Some("mysql://u:canary@h/d".to_owned().into()),
            encryption_key: Some("canary".to_owned().into()),
            ..Config::default()
        };
        let found = problems(&config);
        assert_eq!(found.len(), 2);
        assert!(!found.concat().contains("canary"), "{found:?}");
    }

    #[test]
    fn every_invalid_value_is_named_at_once() {
        let mut config = Config { allow_outbound: vec!["10.0.0.1".to_owned()], ..Config::default() };
        config.push.contact = Some("postmaster".to_owned());
        config.password_hashing.memory_kib = 8;
        let found = problems(&config).join("\n");
        for key in
            ["allow_outbound: `10.0.0.1`", "push.contact: `postmaster`", "password_hashing.memory_kib: 8"]
        {
            assert!(found.contains(key), "{found}");
        }
    }
}
