//! What the next page says about the last answer.

use crate::{
    actions::new_password::NewPasswordRefusal, factors::push::enrollment::CONFIRMATION_DIGITS,
    factors::totp::TotpRefusal,
};
use std::fmt;

/// What the next page says about the last answer. The sign-in stores its sentence, which nodes of another
/// version show as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// No usable name was typed.
    NameMissing,
    /// No password was typed.
    PasswordMissing,
    /// Name and password do not match, whatever was wrong.
    PasswordWrong,
    /// A lockout refused the password.
    PasswordBlocked,
    /// The new password was refused.
    NewPasswordRefused(NewPasswordRefusal),
    /// The one-time code was refused.
    CodeRefused(TotpRefusal),
    /// A lockout refused the one-time code.
    CodeBlocked,
    /// The phone does not show a confirmation code yet.
    ConfirmationNotDue,
    /// The confirmation code has another form.
    ConfirmationMalformed,
    /// The confirmation code was wrong; this many attempts are left.
    ConfirmationWrong(i32),
    /// The ticket has another form.
    TicketMalformed,
    /// There is no such ticket, or it is used or too old.
    TicketWrong,
    /// A lockout refused the ticket.
    TicketBlocked,
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameMissing => formatter.write_str("Enter the name you sign in with."),
            Self::PasswordMissing => formatter.write_str("Enter your password."),
            Self::PasswordWrong => {
                formatter.write_str("That name and password do not match. Check both and try again.")
            }
            Self::PasswordBlocked => {
                formatter.write_str("Too many wrong passwords in a row. Wait before you try again.")
            }
            Self::NewPasswordRefused(refusal) => refusal.fmt(formatter),
            Self::CodeRefused(refusal) => refusal.fmt(formatter),
            Self::CodeBlocked => formatter.write_str("Too many wrong codes. Wait before you try again."),
            Self::ConfirmationNotDue => {
                formatter.write_str("The phone has no confirmation code yet. Follow its steps first.")
            }
            Self::ConfirmationMalformed => {
                write!(formatter, "Type the {CONFIRMATION_DIGITS} digits that the phone shows.")
            }
            Self::TicketMalformed => {
                formatter.write_str("Type the 10 letters and digits of the code, such as 7K2MQ-X4T9C.")
            }
            Self::TicketWrong => formatter.write_str(
                "That code is not right, or it was used, or it is older than an hour. Check it, or ask the help desk \
                 for a new one.",
            ),
            Self::TicketBlocked => {
                formatter.write_str("Too many wrong codes in a row. Wait before you try again.")
            }
            Self::ConfirmationWrong(..=0) => {
                formatter.write_str("Three wrong confirmation codes: that phone was not added.")
            }
            Self::ConfirmationWrong(1) => {
                formatter.write_str("That is not the code on the phone. You have 1 attempt left.")
            }
            Self::ConfirmationWrong(left) => {
                write!(formatter, "That is not the code on the phone. You have {left} attempts left.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_sentences_are_those_that_other_versions_show() {
        let cases = [
            (Notice::NameMissing, "Enter the name you sign in with."),
            (Notice::PasswordMissing, "Enter your password."),
            (Notice::PasswordWrong, "That name and password do not match. Check both and try again."),
            (Notice::PasswordBlocked, "Too many wrong passwords in a row. Wait before you try again."),
            (Notice::NewPasswordRefused(NewPasswordRefusal::Missing), "Enter a new password."),
            (
                Notice::CodeRefused(TotpRefusal::AlreadyUsed),
                "This code was used already. Wait for the next one.",
            ),
            (Notice::CodeBlocked, "Too many wrong codes. Wait before you try again."),
            (Notice::ConfirmationNotDue, "The phone has no confirmation code yet. Follow its steps first."),
            (Notice::ConfirmationMalformed, "Type the 6 digits that the phone shows."),
            (Notice::ConfirmationWrong(0), "Three wrong confirmation codes: that phone was not added."),
            (Notice::ConfirmationWrong(1), "That is not the code on the phone. You have 1 attempt left."),
            (Notice::ConfirmationWrong(2), "That is not the code on the phone. You have 2 attempts left."),
        ];
        for (notice, sentence) in cases {
            assert_eq!(notice.to_string(), sentence);
        }
    }
}
