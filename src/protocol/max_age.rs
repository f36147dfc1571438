//! `max_age`: the greatest age of an authentication (OpenID Connect Core §3.1.2.1).

use serde::{Deserialize, Serialize};

/// The `max_age` of a request in seconds; zero requires a new sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MaxAge(u32);

impl MaxAge {
    /// Reads decimal digits; `None` for signs, spaces, other characters and numbers beyond 32 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().ok().map(Self) } else { None }
    }

    /// Returns the age in seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_decimal_numbers_that_fit_are_ages() {
        for (text, seconds) in [("0", 0), ("60", 60), ("0010", 10), ("4294967295", u32::MAX)] {
            assert_eq!(MaxAge::parse(text).map(MaxAge::seconds), Some(seconds), "{text}");
        }
        for wrong in ["", "-1", "+1", "abc", "1.5", " 1", "1 ", "1e3", "4294967296", "99999999999", "٣"] {
            assert_eq!(MaxAge::parse(wrong), None, "{wrong}");
        }
    }
}
