//! Why a challenge is withdrawn before it is answered.

/// The reason of a withdrawal, stored with the challenge and in its audit event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalReason {
    /// Another challenge of the same sign-in replaces it.
    Resent,
    /// The sign-in goes on with another factor.
    OtherFactor,
    /// Another person was named in the sign-in.
    OtherPerson,
    /// The person cancelled the sign-in, or signed out.
    Cancelled,
    /// The only device that it was sent to was removed.
    DeviceRemoved,
    /// The only device that it was sent to was suspended.
    DeviceSuspended,
    /// The person reported another challenge.
    Reported,
}

impl WithdrawalReason {
    /// All reasons.
    pub const ALL: [Self; 7] = [
        Self::Resent,
        Self::OtherFactor,
        Self::OtherPerson,
        Self::Cancelled,
        Self::DeviceRemoved,
        Self::DeviceSuspended,
        Self::Reported,
    ];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resent => "resent",
            Self::OtherFactor => "other_factor",
            Self::OtherPerson => "other_person",
            Self::Cancelled => "cancelled",
            Self::DeviceRemoved => "device_removed",
            Self::DeviceSuspended => "device_suspended",
            Self::Reported => "reported",
        }
    }

    /// Reads a stored word; `None` for the reasons of answers, and for those of a newer version.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_read_from_its_word_and_the_reason_of_an_answer_is_none() {
        for reason in WithdrawalReason::ALL {
            assert_eq!(WithdrawalReason::parse(reason.as_str()), Some(reason));
        }
        for word in ["number_mismatch", "not_me", "unsure", "", "Cancelled"] {
            assert_eq!(WithdrawalReason::parse(word), None, "{word:?}");
        }
    }
}
