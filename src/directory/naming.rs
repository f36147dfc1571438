//! How people may be named and written to.

/// The longest name, in characters.
const LONGEST: usize = 256;

/// Why a text is not a name or address; a sentence for the one who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamingProblem {
    /// Nothing but space.
    #[error("A username is expected.")]
    Empty,
    /// Too many characters.
    #[error("“{0}…” has too many characters; at most 256 are expected.")]
    TooLong(String),
    /// Characters that cannot be seen.
    #[error("This text has characters that cannot be seen, such as a line break.")]
    Unseen,
    /// No `@`, or no domain with a dot behind it.
    #[error("“{0}” is not an e-mail address: one @ and a domain with a dot are expected.")]
    NoMailAddress(String),
}

/// Whether `username` can be one: anything that can be seen and typed.
pub fn check_username(username: &str) -> Result<(), NamingProblem> {
    if username.trim().is_empty() { Err(NamingProblem::Empty) } else { check_text(username) }
}

/// Whether `text` can be shown as a name; it may be empty.
pub fn check_text(text: &str) -> Result<(), NamingProblem> {
    if text.chars().count() > LONGEST {
        return Err(NamingProblem::TooLong(text.chars().take(20).collect()));
    }
    if text.chars().any(char::is_control) { Err(NamingProblem::Unseen) } else { Ok(()) }
}

/// Whether `email` looks like an address that mail can be sent to.
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
    fn a_username_is_anything_that_can_be_typed() {
        for good in ["ada", "ada@example.com", "Ada Lovelace", "阿达", &"a".repeat(256)] {
            assert_eq!(check_username(good), Ok(()), "{good}");
        }
        assert_eq!(check_username("  "), Err(NamingProblem::Empty));
        assert_eq!(check_username("a\nb"), Err(NamingProblem::Unseen));
        assert!(matches!(check_username(&"a".repeat(257)), Err(NamingProblem::TooLong(_))));
    }

    #[test]
    fn an_address_has_one_at_and_a_domain_with_a_dot() {
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
