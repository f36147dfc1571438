//! How old a sign-in may be (OpenID Connect Core §3.1.2.1).

use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// The `max_age` of a request in seconds; zero asks for a new sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MaxAge(u32);

impl MaxAge {
    /// Reads decimal digits; `None` for signs, spaces, other characters and anything beyond 32 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().ok().map(Self) } else { None }
    }

    /// The age in seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// Whether a sign-in at `auth_time` is still young enough, counted in milliseconds: with `max_age=1` one of
    /// 1.001 seconds ago is too old, and with `max_age=0` every one is.
    pub fn is_satisfied_by(self, auth_time: Timestamp, now: Timestamp) -> bool {
        self.0 > 0 && now.0.saturating_sub(auth_time.0) <= i64::from(self.0) * 1000
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

    #[test]
    fn an_age_is_counted_to_the_millisecond_and_never_overflows() {
        let one = MaxAge::parse("1").unwrap();
        assert!(one.is_satisfied_by(Timestamp(0), Timestamp(1000)));
        assert!(!one.is_satisfied_by(Timestamp(0), Timestamp(1001)));
        assert!(!MaxAge::parse("0").unwrap().is_satisfied_by(Timestamp(5), Timestamp(5)));
        let longest = MaxAge::parse("4294967295").unwrap();
        assert!(!longest.is_satisfied_by(Timestamp(i64::MIN), Timestamp(i64::MAX)));
        assert!(longest.is_satisfied_by(Timestamp(0), Timestamp(1)));
    }
}
