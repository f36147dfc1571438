//! What the phone shows of a sign-in, as one text whose hash is signed: bytes are signed, not structures.

use super::text::{b64u, clean, sha256};
use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The longest text in bytes.
pub const MAX_DETAILS_BYTES: usize = 1024;
/// The texts that others choose have at most so many characters, and bytes: together they fit whatever is in them.
const MAX_MEMBER_CHARS_AND_BYTES: (usize, usize) = (64, 140);

/// What the challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Someone signs in.
    SignIn,
    /// A device is tried out.
    Test,
}

/// What is unusual about the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// A browser that has not signed this person in before.
    NewDevice,
    /// A place from which this person has not signed in before.
    NewPlace,
}

/// How what the browser shows comes to the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// The number is typed.
    Number,
    /// The QR code is scanned.
    Qr,
}

impl Binding {
    /// The word that devices and the trail see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Qr => "qr",
        }
    }
}

/// What the person needs in order to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details<'a> {
    /// What for.
    pub kind: Kind,
    /// The application's name.
    pub app: &'a str,
    /// The account, as the person knows it.
    pub account: &'a str,
    /// When the sign-in asked.
    pub when: Timestamp,
    /// The browser's address.
    pub address: &'a str,
    /// Where that is, if known.
    pub place: Option<&'a str>,
    /// The browser, as "Firefox on Windows".
    pub agent: &'a str,
    /// What is unusual.
    pub flags: &'a [Flag],
    /// The ways to approve it.
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
    /// The JSON text, of at most [`MAX_DETAILS_BYTES`] bytes, without control and bidirectional characters.
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
        // Texts, a number and lists always have a JSON form.
        serde_json::to_string(&shown).unwrap_or_default()
    }
}

/// A text that can be shown; one that was cut says so.
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

/// The browser's address that a text shows.
pub fn address(text: &str) -> Option<IpAddr> {
    #[derive(Deserialize)]
    struct Address {
        ip: IpAddr,
    }
    serde_json::from_str::<Address>(text).ok().map(|shown| shown.ip)
}

/// `dh`, the hash that an answer carries: of the text exactly as it travelled.
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
    fn a_text_that_was_cut_says_so() {
        let account = format!("{}@example.com", "a".repeat(52));
        assert_eq!(fit(&account), account);
        assert!(fit(&format!("a{account}")).ends_with("@example.c…"));
    }

    #[test]
    fn whatever_is_put_in_it_stays_short_and_shows_nothing_hidden() {
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
