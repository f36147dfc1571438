//! The rules for usernames, display names and email addresses.

use crate::limits::sizes::{MAX_NAME_CHARS, MAX_SLUG_BYTES};
use precis_core::{Error, profile::PrecisFastInvocation};
use precis_profiles::UsernameCaseMapped;

/// Why a text is not a name or address, with a sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamingProblem {
    /// White space only.
    #[error("A username is expected.")]
    Empty,
    /// Too many characters.
    #[error("“{0}…” has too many characters; at most {most} are expected.", most = MAX_NAME_CHARS)]
    TooLong(String),
    /// Control characters.
    #[error("This text has characters that cannot be seen, such as a line break.")]
    Unseen,
    /// A character that RFC 8265 does not allow in a username.
    #[error("“{0}” cannot be in a username; letters, digits and the punctuation of ASCII are expected.")]
    Unfit(char),
    /// Scripts of both directions in one word, which can be read in two ways (RFC 5893 §2).
    #[error("“{0}” mixes scripts that are written in opposite directions.")]
    BothDirections(String),
    /// No `@`, or no domain with a dot after it.
    #[error("“{0}” is not an e-mail address: one @ and a domain with a dot are expected.")]
    NoMailAddress(String),
}

/// Checks whether `username` is valid.
pub fn check_username(username: &str) -> Result<(), NamingProblem> {
    if username.trim().is_empty() {
        return Err(NamingProblem::Empty);
    }
    check_text(username)?;
    username_key(username).map(drop)
}

/// Returns the key by which a username is looked up: the profile UsernameCaseMapped of RFC 8265 §3.3 for each
/// word, one space between words (§3.1), none around them. Usernames with the same key are the same username.
pub fn username_key(username: &str) -> Result<String, NamingProblem> {
    let words: Result<Vec<_>, _> = username.split_whitespace().map(word_key).collect();
    Ok(words?.join(" "))
}

fn word_key(word: &str) -> Result<String, NamingProblem> {
    match UsernameCaseMapped::enforce(word) {
        Ok(key) => Ok(key.into_owned()),
        Err(Error::BadCodepoint(bad)) => {
            Err(NamingProblem::Unfit(char::from_u32(bad.cp).unwrap_or(char::REPLACEMENT_CHARACTER)))
        }
        Err(_) => Err(NamingProblem::BothDirections(word.to_owned())),
    }
}

/// Returns whether `text` is a slug, the short name of a workspace in addresses: a lower-case letter, then at most 62
/// lower-case letters, digits and hyphens.
pub fn is_slug(text: &str) -> bool {
    let is_inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= MAX_SLUG_BYTES
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_inside)
}

/// Checks whether `text` can be shown as a name; it may be empty.
pub fn check_text(text: &str) -> Result<(), NamingProblem> {
    if text.chars().count() > MAX_NAME_CHARS {
        return Err(NamingProblem::TooLong(text.chars().take(20).collect()));
    }
    if text.chars().any(char::is_control) { Err(NamingProblem::Unseen) } else { Ok(()) }
}

/// Checks whether `email` has the form of an email address.
pub fn check_email(email: &str) -> Result<(), NamingProblem> {
    check_text(email)?;
    let is_address = email.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && !email.contains(char::is_whitespace)
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
    });
    if is_address { Ok(()) } else { Err(NamingProblem::NoMailAddress(email.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_a_lower_case_letter_and_what_an_address_shows_as_it_is() {
        for good in ["a", "acme", "acme-2", "a-", &"a".repeat(63)] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "2a", "-a", "Acme", "a_b", "a.b", "a/b", "a%20b", "ä", &"a".repeat(64)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn a_username_may_have_letters_of_any_script() {
        for good in ["ada", "ada@example.com", "Ada Lovelace", "阿达", &"a".repeat(256)] {
            assert_eq!(check_username(good), Ok(()), "{good}");
        }
        assert_eq!(check_username("  "), Err(NamingProblem::Empty));
        assert_eq!(check_username("a\nb"), Err(NamingProblem::Unseen));
        assert!(matches!(check_username(&"a".repeat(257)), Err(NamingProblem::TooLong(_))));
    }

    #[test]
    fn equivalent_usernames_have_one_key_and_others_do_not() {
        for (one, other) in [
            ("Ren\u{e9}e", "ren\u{65}\u{301}E"),
            ("\u{ff21}da", "ada"),
            (" Ada  Lovelace ", "ada lovelace"),
            ("ada@example.com", "ADA@Example.com"),
        ] {
            let key = username_key(one);
            assert!(key.is_ok(), "{one}: {key:?}");
            assert_eq!(key, username_key(other), "{one}");
        }
        assert_ne!(username_key("ada"), username_key("adä"));
        assert_ne!(username_key("adalovelace"), username_key("ada lovelace"));
    }

    #[test]
    fn a_character_that_rfc_8265_forbids_is_refused_and_named() {
        for (bad, sign) in [("a\u{265a}", '\u{265a}'), ("ada\u{200b}", '\u{200b}'), ("a\u{2163}", '\u{2163}')]
        {
            assert_eq!(check_username(bad), Err(NamingProblem::Unfit(sign)), "{bad}");
        }
        assert!(matches!(check_username("\u{5d0}a"), Err(NamingProblem::BothDirections(_))));
        assert_eq!(check_username("\u{5d0}\u{5d1}"), Ok(()));
    }

    #[test]
    fn an_email_address_has_one_at_sign_and_a_domain_with_a_dot() {
        for good in ["ada@example.com", "a.b+c@mail.example.com"] {
            assert_eq!(check_email(good), Ok(()), "{good}");
        }
        for bad in
            ["", "ada", "ada@northwind", "@example.com", "a@b@example.com", "a b@example.com", "a@.com"]
        {
            assert!(check_email(bad).is_err(), "{bad}");
        }
    }
}
