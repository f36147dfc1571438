//! Rules for a new password (NIST SP 800-63B-4 §3.1.1.2): long enough, not common, and without known names.

use super::commonest::COMMONEST;
use crate::limits::sizes::{
    MAX_PASSWORD_CHARS, MIN_DISTINCT_PASSWORD_CHARS, MIN_NAME_CHARS, MIN_PASSWORD_ALONE_CHARS,
    MIN_PASSWORD_WITH_SECOND_FACTOR_CHARS,
};
use std::collections::BTreeSet;

/// Tells whether a second factor protects the account besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protects {
    /// The password alone: at least 15 characters.
    Alone,
    /// The password and a second factor: at least 8 characters.
    WithSecondFactor,
}

impl Protects {
    /// The fewest characters of a password.
    pub const fn least_chars(self) -> usize {
        match self {
            Self::Alone => MIN_PASSWORD_ALONE_CHARS,
            Self::WithSecondFactor => MIN_PASSWORD_WITH_SECOND_FACTOR_CHARS,
        }
    }
}

/// A chosen password and the names that it must not contain.
#[derive(Clone, Copy, Debug)]
pub struct NewPassword<'a> {
    /// The password.
    pub password: &'a str,
    /// Whether the password protects the account alone.
    pub protects: Protects,
    /// Names that it must not contain: the person's, the provider's, the workspace's.
    pub names: &'a [&'a str],
}

/// The reason for rejecting a new password; it displays as a sentence for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Too few characters.
    TooShort {
        /// The fewest characters.
        least: usize,
    },
    /// Too many characters.
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// It has a character that nobody types, such as the end of a line.
    HasControlCharacter,
    /// It contains the name of the person, the provider or the workspace.
    ContainsName,
    /// It is a common password or has fewer than four different characters.
    TooCommon,
}

impl std::fmt::Display for PasswordProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooShort { least } => {
                write!(f, "This password is too short. Use at least {least} characters; a few words are easy to remember.")
            }
            Self::TooLong { most } => write!(f, "This password is too long. Use at most {most} characters."),
            Self::HasControlCharacter => f.write_str(
                "This password has a character that cannot be typed, such as a tab or a line ending. Give it in one line, without such characters.",
            ),
            Self::ContainsName => f.write_str("This password contains your name or ours. Choose one without it."),
            Self::TooCommon => {
                f.write_str("This password is one of the first that attackers try. Choose one that only you would think of.")
            }
        }
    }
}

/// Checks a new password. Every Unicode character counts as one, spaces included.
pub fn check_new(new: &NewPassword<'_>) -> Result<(), PasswordProblem> {
    let least = new.protects.least_chars();
    let length = new.password.chars().count();
    if length > MAX_PASSWORD_CHARS {
        return Err(PasswordProblem::TooLong { most: MAX_PASSWORD_CHARS });
    }
    if length < least {
        return Err(PasswordProblem::TooShort { least });
    }
    if new.password.chars().any(char::is_control) {
        return Err(PasswordProblem::HasControlCharacter);
    }
    let folded = new.password.to_lowercase();
    if new.names.iter().any(|name| contains_name(&folded, name)) {
        return Err(PasswordProblem::ContainsName);
    }
    let distinct: BTreeSet<char> = folded.chars().collect();
    if distinct.len() < MIN_DISTINCT_PASSWORD_CHARS || COMMONEST.contains(&folded.trim()) {
        return Err(PasswordProblem::TooCommon);
    }
    Ok(())
}

fn contains_name(folded: &str, name: &str) -> bool {
    let name = name.trim().to_lowercase();
    name == folded || (name.chars().count() >= MIN_NAME_CHARS && folded.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, protects: Protects) -> Result<(), PasswordProblem> {
        check_new(&NewPassword { password, protects, names: &["alice", "Countersign", "", "bo"] })
    }

    #[test]
    fn a_password_alone_needs_fifteen_characters_and_with_a_second_factor_eight() {
        let cases = [
            ("", Protects::WithSecondFactor, Err(PasswordProblem::TooShort { least: 8 })),
            ("kl3mtne", Protects::WithSecondFactor, Err(PasswordProblem::TooShort { least: 8 })),
            ("kl3mtnez", Protects::WithSecondFactor, Ok(())),
            ("kl3mtnez", Protects::Alone, Err(PasswordProblem::TooShort { least: 15 })),
            ("grüne äpfel 😀 a", Protects::Alone, Ok(())),
        ];
        for (password, protects, expected) in cases {
            assert_eq!(check(password, protects), expected, "{password:?}");
        }
        assert_eq!(check(&"abcd".repeat(32), Protects::Alone), Ok(()));
        assert_eq!(
            check(&format!("{}e", "abcd".repeat(32)), Protects::Alone),
            Err(PasswordProblem::TooLong { most: 128 })
        );
    }

    #[test]
    fn a_character_that_nobody_types_is_refused_and_an_unusual_one_is_not() {
        for password in ["seventeen quiet\r otters", "seventeen\tquiet otters", "seventeen quiet otters\r"] {
            let refused = Err(PasswordProblem::HasControlCharacter);
            assert_eq!(check(password, Protects::Alone), refused, "{password:?}");
        }
        assert_eq!(check("seventeen\u{a0}quiet\u{2003}otters", Protects::Alone), Ok(()));
    }

    #[test]
    fn names_and_common_passwords_are_refused() {
        for password in ["xxALICExx12", "my countersign pass"] {
            assert_eq!(
                check(password, Protects::WithSecondFactor),
                Err(PasswordProblem::ContainsName),
                "{password}"
            );
        }
        assert_eq!(
            check("the robot boats", Protects::Alone),
            Ok(()),
            "a name of two letters may occur by chance"
        );
        for password in ["Password1", "aaaaaaaaaaaaaaa", "ababababab", "1234567890"] {
            assert_eq!(
                check(password, Protects::WithSecondFactor),
                Err(PasswordProblem::TooCommon),
                "{password}"
            );
        }
    }

    #[test]
    fn the_list_holds_only_passwords_that_are_long_enough_to_set() {
        for password in COMMONEST {
            assert!(password.chars().count() >= 8 && password.to_lowercase() == *password, "{password}");
        }
    }
}
