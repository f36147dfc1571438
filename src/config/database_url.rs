//! Parses and checks the URL of the database.
//!
//! The database libraries repeat the whole URL, with its password, in the error for one that they cannot
//! parse. A URL is checked before it reaches them, and the errors of this check repeat no part of it.

use std::fmt;
use url::Url;

/// How to write the characters that end a part of a URL in a password (RFC 3986 §2.1).
const ENCODE: &str = "special characters in the user name and the password must be percent-encoded: @ as \
                      %40, / as %2F, ? as %3F, # as %23, % as %25, a space as %20";
/// The parameters of an SQLite URL.
const SQLITE_PARAMETERS: [&str; 4] = ["mode", "cache", "immutable", "vfs"];
/// The parameters of a PostgreSQL URL, besides `options[NAME]`.
const POSTGRES_PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
/// The values of `sslmode`.
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// A valid URL. `Display` and `Debug` omit user, password and parameters.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite {
        /// The path as written.
        path: String,
    },
    /// A database of a PostgreSQL server.
    Postgres {
        /// The server's name or address, with a port if the URL has one; empty for the local socket.
        server: String,
        /// The database's name; empty for that of the user.
        name: String,
    },
}

impl DatabaseUrl {
    /// Parses `text`.
    ///
    /// # Errors
    /// One sentence without any part of `text`, if the database library could not parse it or would take a part of the
    /// password for another part.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite(rest);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return postgres(text);
        }
        Err("expected `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`".to_owned())
    }
}

impl DatabaseUrl {
    /// Describes the database for an operator: the absolute path of its file, or server and name.
    pub fn described(&self) -> String {
        match self {
            Self::Sqlite { path } => {
                let path = std::path::absolute(path).map(|path| path.display().to_string());
                format!("SQLite file {}", path.unwrap_or_else(|_| self.to_string()))
            }
            Self::Postgres { .. } => format!("PostgreSQL database {self}"),
        }
    }
}

fn sqlite(rest: &str) -> Result<DatabaseUrl, String> {
    let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
        let is_usable = match &*name {
            "mode" => matches!(&*value, "ro" | "rw" | "rwc" | "memory"),
            "cache" => matches!(&*value, "private" | "shared"),
            "immutable" => matches!(&*value, "true" | "false" | "1" | "0"),
            other => SQLITE_PARAMETERS.contains(&other),
        };
        if !is_usable {
            return Err(format!(
                "what follows the `?` of the SQLite address cannot be used; expected mode=ro, rw, rwc or \
                 memory, or one of {}; a `?` in the path is written %3F",
                SQLITE_PARAMETERS.join(", ")
            ));
        }
    }
    Ok(DatabaseUrl::Sqlite { path: path.trim_start_matches("//").to_owned() })
}

fn postgres(text: &str) -> Result<DatabaseUrl, String> {
    let unreadable =
        |what: &str| format!("{what}; expected `postgres://USER:PASSWORD@HOST:PORT/NAME`; {ENCODE}");
    if text.chars().any(|char: char| char.is_whitespace() || char.is_control()) {
        return Err(unreadable("the PostgreSQL address contains a space or a line break"));
    }
    // A `/`, `?` or `#` in a password that is not percent-encoded ends the authority early, before the `@`.
    let authority = text.split_once("://").map_or("", |(_, rest)| rest);
    let tail = authority.find(['/', '?', '#']).and_then(|end| authority.get(end..)).unwrap_or_default();
    if tail.contains(['@', '#']) {
        return Err(unreadable("the PostgreSQL address has an `@` or `#` after its host"));
    }
    let url = Url::parse(text)
        .map_err(|error| unreadable(&format!("the PostgreSQL address cannot be read ({error})")))?;
    let parts = [url.username(), url.password().unwrap_or_default(), url.path()];
    if !parts.into_iter().all(is_percent_encoded) {
        return Err(unreadable("a `%` in the PostgreSQL address does not begin a percent-encoded character"));
    }
    check_parameters(&url)?;
    let server = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    Ok(DatabaseUrl::Postgres { server, name: url.path().trim_start_matches('/').to_owned() })
}

/// Checks the parameters, because the library logs unknown ones and repeats values that it cannot parse.
fn check_parameters(url: &Url) -> Result<(), String> {
    for (name, value) in url.query_pairs() {
        let expected = match &*name {
            "sslmode" | "ssl-mode" if !SSL_MODES.contains(&value.to_ascii_lowercase().as_str()) => {
                format!("sslmode is one of {}", SSL_MODES.join(", "))
            }
            "port" if value.parse::<u16>().is_err() => "port is a number up to 65535".to_owned(),
            "statement-cache-capacity" if value.parse::<usize>().is_err() => {
                "statement-cache-capacity is a whole number".to_owned()
            }
            "hostaddr" if value.parse::<std::net::IpAddr>().is_err() => {
                "hostaddr is an IP address".to_owned()
            }
            name if POSTGRES_PARAMETERS.contains(&name) || name.starts_with("options[") => continue,
            _ => format!("the parameters are {} and options[NAME]", POSTGRES_PARAMETERS.join(", ")),
        };
        return Err(format!(
            "what follows the `?` of the PostgreSQL address cannot be used: {expected}; a `?` in the \
             password is written %3F"
        ));
    }
    Ok(())
}

/// Whether two hexadecimal digits follow each `%`, and the decoded bytes are UTF-8.
fn is_percent_encoded(text: &str) -> bool {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let byte = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let Some(byte) = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else { return false };
        bytes.push(byte);
        bytes.extend(piece.bytes().skip(2));
    }
    std::str::from_utf8(&bytes).is_ok()
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(formatter, "sqlite:{path}"),
            Self::Postgres { server, name } => write!(formatter, "postgres://{server}/{name}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_printed_without_user_password_and_parameters() {
        for (text, shown) in [
            ("sqlite:/srv/c.sqlite?mode=rwc", "sqlite:/srv/c.sqlite"),
            ("sqlite:///srv/c.sqlite", "sqlite:/srv/c.sqlite"),
            ("sqlite:relative.db", "sqlite:relative.db"),
            ("postgres://countersign:MARK@db.internal/countersign", "postgres://db.internal/countersign"),
            ("postgres://u:MA%23%2F%3F%40%25RK@db:5433/c?sslmode=verify-full", "postgres://db:5433/c"),
            ("postgresql://u:MA@RK@[::1]:5433/c?sslmode=Require", "postgres://[::1]:5433/c"),
            ("postgres:///c?host=/run/postgresql&password=MARK", "postgres:///c"),
            ("postgres://u@db/c?options[search_path]=x&application_name=countersign", "postgres://db/c"),
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!((url.to_string(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_password_that_is_not_percent_encoded_is_refused_and_not_repeated() {
        for text in [
            "postgres://u:MARK#x@db.internal/c",
            "postgres://u:MARK/x@db.internal/c",
            "postgres://u:MARK?x@db.internal/c",
            "postgres://u:12#MARK@db.internal/c",
            "postgres://u:12/MARK@db.internal/c",
            "postgres://u:12?MARK@db.internal/c",
            "postgres://u:a@b/MARK@db.internal/c",
            "postgres://u:%MARK@db.internal/c",
            "postgres://u:MARK%@db.internal/c",
            "postgres://u:%ffMARK@db.internal/c",
            "postgres://u:MA RK@db.internal/c",
            "postgres://u:MA\nRK@db.internal/c",
            "postgres://u:p@db.internal:MARK/c",
        ] {
            let refusal = DatabaseUrl::parse(text).unwrap_err();
            assert!(refusal.contains("must be percent-encoded: @ as %40"), "{text}: {refusal}");
            assert!(!refusal.contains("MARK") && !refusal.contains("internal"), "{text}: {refusal}");
        }
    }

    #[test]
    fn an_unknown_parameter_or_value_is_refused_and_not_repeated() {
        for text in [
            "postgres://u:p@db/c?pasword=MARK",
            "postgres://u:p@db/c?MARK",
            "postgres://u:p@db/c?sslmode=MARK",
            "postgres://u:p@db/c?port=MARK",
            "postgres://u:p@db/c?hostaddr=MARK",
            "postgres://u:p@db/c?statement-cache-capacity=MARK",
            "sqlite:file?key=MARK",
            "sqlite:file?mode=MARK",
            "sqlite:file?cache=MARK",
        ] {
            let refusal = DatabaseUrl::parse(text).unwrap_err();
            assert!(refusal.starts_with("what follows the `?`"), "{text}: {refusal}");
            assert!(!refusal.contains("MARK"), "{text}: {refusal}");
        }
    }

    #[test]
    fn another_kind_of_database_is_refused() {
        for text in ["mysql://u:MARK@h/d", "MARK", "", "postgres:u:MARK@h/d", "u:MARK@h"] {
            let refusal = DatabaseUrl::parse(text).unwrap_err();
            assert!(refusal.contains("sqlite:PATH") && !refusal.contains("MARK"), "{text}: {refusal}");
        }
    }
}
