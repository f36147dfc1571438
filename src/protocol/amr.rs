//! Authentication method references: the methods that a sign-in used (RFC 8176).

use serde::{Deserialize, Serialize};

/// One method; the variants are in the order in which a token lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amr {
    /// A password.
    Pwd,
    /// A one-time code.
    Otp,
    /// Proof of possession of a key.
    Pop,
    /// The key lives in hardware.
    Hwk,
    /// The key lives in software.
    Swk,
    /// The person was present and acted.
    User,
    /// Factors of more than one class.
    Mfa,
}

impl Amr {
    /// All methods.
    pub const ALL: [Self; 7] = [Self::Pwd, Self::Otp, Self::Pop, Self::Hwk, Self::Swk, Self::User, Self::Mfa];

    /// Returns the registered value (RFC 8176 §2).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Pop => "pop",
            Self::Hwk => "hwk",
            Self::Swk => "swk",
            Self::User => "user",
            Self::Mfa => "mfa",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_written_as_registered() {
        for amr in Amr::ALL {
            assert_eq!(serde_json::to_value(amr).unwrap(), amr.as_str());
        }
    }
}
