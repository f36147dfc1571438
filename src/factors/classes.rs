//! The values of a factor: its classes, and what else a requirement may ask of it.

/// The classes of a factor (NIST SP 800-63B-4 §1): something known, something held, or both. Two proofs of one
/// class are still one factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// Something known.
    pub known: bool,
    /// Something held.
    pub held: bool,
}

impl Classes {
    /// No class.
    pub const NONE: Self = Self { known: false, held: false };
    /// Something known.
    pub const KNOWN: Self = Self { known: true, held: false };
    /// Something held.
    pub const HELD: Self = Self { known: false, held: true };

    /// Returns the classes of both.
    pub const fn and(self, other: Self) -> Self {
        Self { known: self.known || other.known, held: self.held || other.held }
    }

    /// Returns how many there are: 0 to 2.
    pub const fn count(self) -> u8 {
        self.known as u8 + self.held as u8
    }
}

/// What a factor is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Its classes.
    pub classes: Classes,
    /// Whether it cannot be given to another site than this one (NIST SP 800-63B-4 §3.2.5).
    pub phishing_resistant: bool,
    /// Whether the device verified its user.
    pub user_verified: bool,
    /// Whether its key cannot leave its hardware.
    pub hardware: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_one_class_are_one_factor() {
        assert_eq!(Classes::KNOWN.and(Classes::KNOWN).count(), 1);
        assert_eq!(Classes::HELD.and(Classes::HELD).count(), 1);
        assert_eq!(Classes::KNOWN.and(Classes::HELD).count(), 2);
        assert_eq!(Classes::NONE.and(Classes::HELD), Classes::HELD);
        assert_eq!(Classes::NONE.count(), 0);
    }
}
