//! The mail server and the sender of letters, parsed from their settings (RFC 8314, RFC 3207).
//!
//! Errors repeat no part of the URL, which may contain a password.

use super::{redaction::redacted, settings::Config};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// The port of submission with STARTTLS (RFC 6409).
const SUBMISSION_PORT: u16 = 587;
/// The port of submission with TLS from the start (RFC 8314 §7.3).
const SUBMISSIONS_PORT: u16 = 465;

/// How letters are sent.
#[derive(Clone, Debug)]
pub struct Letters {
    /// The mail server.
    pub server: SmtpServer,
    /// The sender.
    pub from: Sender,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Its name or address; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User and password.
    pub credentials: Option<(String, SecretString)>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the start (RFC 8314 §3).
    Implicit,
    /// STARTTLS, or nothing is sent (RFC 3207).
    Required,
    /// STARTTLS where the server offers it: protects from no attacker on the way.
    Opportunistic,
    /// None.
    Off,
}

/// The sender of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The name that mail programs show.
    pub name: Option<String>,
    /// The email address.
    pub address: String,
}

impl Config {
    /// Returns how letters are sent; `None` when no mail server is set.
    ///
    /// # Errors
    /// One sentence with the name of the setting and without its value.
    pub fn letters(&self) -> Result<Option<Letters>, String> {
        let from = self.mail.from.as_deref().map(sender).transpose();
        let from = from.map_err(|problem| format!("mail.from: {problem}"))?;
        let Some(url) = &self.smtp_url else { return Ok(None) };
        let server = server(url.expose_secret()).map_err(|problem| format!("smtp_url: {problem}"))?;
        let missing = "mail.from is not set, but smtp_url is; set COUNTERSIGN_MAIL__FROM to the sender of letters, for \
                       example no-reply@example.com";
        Ok(Some(Letters { server, from: from.ok_or(missing)? }))
    }
}

/// Parses the URL of a mail server.
fn server(text: &str) -> Result<SmtpServer, String> {
    let expected = "expected `smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`; special characters in the user name and \
                    the password must be percent-encoded: @ as %40, / as %2F, ? as %3F, # as %23, % as %25";
    let unreadable = |problem: &str| format!("{problem}; {expected}");
    // The parser of URLs removes line breaks and tabs.
    if text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(unreadable("the URL contains a space or a line break"));
    }
    let authority = text.split_once("://").map_or("", |(_, rest)| rest);
    let tail = authority.find(['/', '?', '#']).and_then(|end| authority.get(end..)).unwrap_or_default();
    if tail.contains(['@', '#']) {
        return Err(unreadable("the URL has an `@` or `#` after its host"));
    }
    let url = Url::parse(text).map_err(|error| unreadable(&format!("the URL cannot be read ({error})")))?;
    // The host of a scheme that browsers do not know is parsed less strictly than that of `https`.
    let host =
        url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| unreadable("the URL has no host"))?;
    let host = Host::parse(host).map_err(|_| unreadable("the host is no name and no address"))?;
    if !matches!(url.path(), "" | "/") {
        return Err(unreadable("the URL has a path"));
    }
    let is_local = is_loopback(&host);
    let (tls, port) = match url.scheme() {
        "smtps" => (SmtpTls::Implicit, SUBMISSIONS_PORT),
        "smtp" if is_local => (SmtpTls::Off, SUBMISSION_PORT),
        "smtp" => (SmtpTls::Required, SUBMISSION_PORT),
        _ => return Err(unreadable("the URL begins with another scheme")),
    };
    let tls = with_parameters(&url, tls)?;
    let credentials = credentials(&url).map_err(unreadable)?;
    if credentials.is_some() && !is_local && matches!(tls, SmtpTls::Opportunistic | SmtpTls::Off) {
        return Err("the password would travel unencrypted; use smtps:// or leave `?tls=` out".to_owned());
    }
    let host = match host {
        Host::Domain(name) => name,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    Ok(SmtpServer { host, port: url.port().unwrap_or(port), tls, credentials })
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Reads `?tls=`, the only parameter.
fn with_parameters(url: &Url, by_scheme: SmtpTls) -> Result<SmtpTls, String> {
    let mut tls = by_scheme;
    for (name, value) in url.query_pairs() {
        tls = match (&*name, &*value) {
            ("tls", _) if by_scheme == SmtpTls::Implicit => {
                return Err("smtps:// has TLS from the start; leave `?tls=` out".to_owned());
            }
            ("tls", "required") => SmtpTls::Required,
            ("tls", "opportunistic") => SmtpTls::Opportunistic,
            ("tls", "none") => SmtpTls::Off,
            ("tls", _) => return Err("`?tls=` is required, opportunistic or none".to_owned()),
            _ => return Err("the only parameter is `?tls=`".to_owned()),
        };
    }
    Ok(tls)
}

/// Reads user and password, percent-decoded.
fn credentials(url: &Url) -> Result<Option<(String, SecretString)>, &'static str> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err("the URL has a password and no user"),
        (_, None) => Err("the URL has a user and no password"),
        (user, Some(password)) => {
            let broken = "a `%` does not begin a percent-encoded character";
            let user = percent_decoded(user).ok_or(broken)?;
            let password = percent_decoded(password).ok_or(broken)?;
            Ok(Some((user, password.into())))
        }
    }
}

/// Decodes `%XX` (RFC 3986 §2.1); `None` when a `%` is followed by something else, or the bytes are not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digits = std::str::from_utf8(&digits).ok().filter(|digits| !digits.starts_with('+'))?;
                u8::from_str_radix(digits, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

/// Parses `ADDRESS` or `NAME <ADDRESS>`.
fn sender(text: &str) -> Result<Sender, String> {
    let expected = || {
        format!(
            "`{}` is no sender; expected an address, or a name and an address in angle brackets, for example \
                 Northwind <no-reply@example.com>",
            redacted(text)
        )
    };
    if text.chars().any(char::is_control) {
        return Err(expected());
    }
    let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.split_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
        None => ("", text.trim()),
    };
    let is_address = address.is_ascii()
        && address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !address.contains([' ', '<', '>', ',', ';', '"'])
                && !domain.contains('@')
                && Host::parse(domain).is_ok()
        });
    if !is_address {
        return Err(expected());
    }
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    Ok(Sender { name, address: address.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides_port_and_protection() {
        for (url, host, port, tls) in [
            ("smtps://mail.example.com", "mail.example.com", 465, SmtpTls::Implicit),
            ("smtps://mail.example.com:8465/", "mail.example.com", 8465, SmtpTls::Implicit),
            ("smtp://mail.example.com", "mail.example.com", 587, SmtpTls::Required),
            ("smtp://mail.example.com:25?tls=required", "mail.example.com", 25, SmtpTls::Required),
            ("smtp://mail.example.com:25?tls=opportunistic", "mail.example.com", 25, SmtpTls::Opportunistic),
            ("smtp://mail.example.com:25?tls=none", "mail.example.com", 25, SmtpTls::Off),
            ("smtp://localhost:25", "localhost", 25, SmtpTls::Off),
            ("smtp://127.0.0.1:25", "127.0.0.1", 25, SmtpTls::Off),
            ("smtp://[::1]:25", "::1", 25, SmtpTls::Off),
            ("smtp://localhost:25?tls=required", "localhost", 25, SmtpTls::Required),
        ] {
            let read = server(url).unwrap();
            assert_eq!((read.host.as_str(), read.port, read.tls), (host, port, tls), "{url}");
            assert!(read.credentials.is_none());
        }
    }

    #[test]
    fn user_and_password_are_percent_decoded() {
        let read = server("smtps://ada%40example.com:p%2Fa%3Fs%25@mail.example.com").unwrap();
        let (user, password) = read.credentials.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("ada@example.com", "p/a?s%"));
    }

    #[test]
    fn an_unusable_url_is_refused_without_a_part_of_it() {
        for (url, hint) in [
            ("MARK", "cannot be read"),
            ("https://u:MARK@mail.example.com", "another scheme"),
            ("smtp://u:MARK@mail.example.com?tls=none", "unencrypted"),
            ("smtp://u:MARK@mail.example.com?tls=opportunistic", "unencrypted"),
            ("smtp://u:MARK@mail.example.com?tls=yes", "`?tls=` is required"),
            ("smtp://u:MARK@mail.example.com?x=MARK", "only parameter"),
            ("smtps://u:MARK@mail.example.com?tls=required", "from the start"),
            ("smtp://u:MA/RK@mail.example.com", "after its host"),
            ("smtp://u:MARK%zz@mail.example.com", "percent-encoded character"),
            ("smtp://MARK@mail.example.com", "no password"),
            ("smtp://:MARK@mail.example.com", "no user"),
            ("smtp://u:MARK@mail.example.com/path", "has a path"),
            ("smtp://u:MARK@", "empty host"),
            ("smtp:MARK", "no host"),
            ("smtp://u:MARK\n@mail.example.com", "line break"),
        ] {
            let problem = server(url).map(drop).unwrap_err();
            assert!(problem.contains(hint) && !problem.contains("MARK"), "{url}: {problem}");
        }
        assert!(server("smtp://u:p@localhost?tls=none").is_ok(), "on this machine");
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, name, address) in [
            ("no-reply@example.com", None, "no-reply@example.com"),
            ("Northwind <no-reply@example.com>", Some("Northwind"), "no-reply@example.com"),
            ("\"Nord, West\" <a@example.com>", Some("Nord, West"), "a@example.com"),
            ("Møller & Søn <a@example.com>", Some("Møller & Søn"), "a@example.com"),
        ] {
            let read = sender(text).unwrap();
            assert_eq!((read.name.as_deref(), read.address.as_str()), (name, address), "{text}");
        }
        for text in [
            "",
            "Northwind",
            "a@",
            "@example.com",
            "a b@example.com",
            "N <a@b@c>",
            "a@x\r\nBcc: e@x",
            "ä@x.org",
        ] {
            assert!(sender(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_mail_server_needs_a_sender() {
        let mut config =
            Config { smtp_url: Some("smtps://u:MARK@mail.example.com".into()), ..Config::default() };
        let problem = config.letters().unwrap_err();
        assert!(problem.contains("COUNTERSIGN_MAIL__FROM") && !problem.contains("MARK"), "{problem}");
        config.mail.from = Some("no-reply@example.com".to_owned());
        assert!(config.letters().unwrap().is_some());
        assert!(Config::default().letters().unwrap().is_none());
    }
}
