//! The details of a sign-in that the phone shows: one JSON text. The answer signs the hash of its exact
//! bytes.

use super::text::{b64u, clean};
use crate::clock::Timestamp;
use crate::digest::sha256;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The longest details text, in bytes.
pub const MAX_DETAILS_BYTES: usize = 1024;
/// The limits of one freely chosen member, in characters and bytes: all members together always fit
/// [`MAX_DETAILS_BYTES`].
const MAX_MEMBER_CHARS_AND_BYTES: (usize, usize) = (64, 140);

/// The purpose of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A sign-in.
    SignIn,
    /// A test push.
    Test,
}

/// An unusual property of the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// A browser that has not signed this person in before.
    NewDevice,
    /// A place from which this person has not signed in before.
    NewPlace,
}

/// The way to bind an approval to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// Number matching: the person types the number that the browser shows.
    Number,
    /// The phone scans the QR code that the browser shows.
    Qr,
}

impl Binding {
    /// The protocol value, which the audit log uses as well.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Qr => "qr",
        }
    }
}

/// The information for the person's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details<'a> {
    /// The purpose.
    pub kind: Kind,
    /// The application's name.
    pub app: &'a str,
    /// The account, as the person knows it.
    pub account: &'a str,
    /// The time of the request.
    pub when: Timestamp,
    /// The browser's IP address.
    pub address: &'a str,
    /// The location of the address, if known.
    pub place: Option<&'a str>,
    /// The browser, for example "Firefox on Windows".
    pub agent: &'a str,
    /// The unusual properties.
    pub flags: &'a [Flag],
    /// The allowed bindings.
    pub binding: &'a [Binding],
}

#[derive(Serialize)]
struct Shown<'a> {
    kind: Kind,
    app: App,
    acct: String,
    when: i64,
    ip: String,
    place: Option<String>,
    agent: String,
    flags: &'a [Flag],
    binding: &'a [Binding],
}

#[derive(Serialize)]
struct App {
    name: String,
    logo: Option<String>,
}

impl Details<'_> {
    /// Serializes to JSON of at most [`MAX_DETAILS_BYTES`] bytes, without control and bidirectional
    /// characters.
    pub fn text(&self) -> String {
        let shown = Shown {
            kind: self.kind,
            app: App { name: fit(self.app), logo: None },
            acct: fit(self.account),
            when: self.when.unix_seconds(),
            ip: clean(self.address, 45),
            place: self.place.map(fit).filter(|place| !place.is_empty()),
            agent: fit(self.agent),
            flags: self.flags,
            binding: self.binding,
        };
        // Strings, numbers and lists always serialize.
        serde_json::to_string(&shown).unwrap_or_default()
    }
}

/// Cleans a text for display; a cut text ends in "…".
fn fit(text: &str) -> String {
    let (characters, bytes) = MAX_MEMBER_CHARS_AND_BYTES;
    let whole = clean(text, usize::MAX);
    if whole.chars().count() <= characters && whole.len() <= bytes {
        return whole;
    }
    let mut cut = clean(&whole, characters - 1);
    cut.truncate(cut.floor_char_boundary(bytes - '…'.len_utf8()));
    cut + "…"
}

/// Reads the browser's IP address from a details text.
pub fn address(text: &str) -> Option<IpAddr> {
    #[derive(Deserialize)]
    struct Address {
        ip: IpAddr,
    }
    serde_json::from_str::<Address>(text).ok().map(|shown| shown.ip)
}

/// Computes `dh`, the hash in an answer, over the text exactly as sent.
pub fn hash(text: &str) -> String {
    b64u(sha256(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details<'a>(name: &'a str, flags: &'a [Flag]) -> Details<'a> {
        Details {
            kind: Kind::SignIn,
            app: name,
            account: name,
            when: Timestamp::from_unix_seconds(1_795_295_990),
            address: "192.0.2.7",
            place: Some(name),
            agent: name,
            flags,
            binding: &[Binding::Number, Binding::Qr],
        }
    }

    #[test]
    fn the_text_has_the_members_of_the_protocol() {
        let text = Details { place: None, ..details("Example", &[Flag::NewDevice]) }.text();
        insta::assert_snapshot!(text, @r#"{"kind":"sign_in","app":{"name":"Example","logo":null},"acct":"Example","when":1795295990,"ip":"192.0.2.7","place":null,"agent":"Example","flags":["new_device"],"binding":["number","qr"]}"#);
        assert_eq!(address(&text), "192.0.2.7".parse().ok());
        assert_eq!(address("{}"), None);
        assert_eq!(hash("").len(), 43);
        assert_ne!(hash(&text), hash(&format!("{text} ")));
    }

    #[test]
    fn a_cut_text_ends_in_an_ellipsis() {
        let account = format!("{}@example.com", "a".repeat(52));
        assert_eq!(fit(&account), account);
        assert!(fit(&format!("a{account}")).ends_with("@example.c…"));
    }

    #[test]
    fn a_text_of_any_input_stays_short_and_has_no_hidden_characters() {
        for name in
            ["😀".repeat(500), "\u{202E}\"\\".repeat(500), "\u{0000}\u{2028}".repeat(500), "\\".repeat(900)]
        {
            let text = details(&name, &[Flag::NewDevice, Flag::NewPlace]).text();
            assert!(text.len() <= MAX_DETAILS_BYTES, "{} bytes", text.len());
            assert!(!text.contains(['\u{202E}', '\u{2028}']));
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
