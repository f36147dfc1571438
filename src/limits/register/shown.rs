//! How the register writes values and units.

use crate::limits::{
    lockout::{BackoffPolicy, ResetPolicy},
    rate_limit::RateLimit,
};
use std::{ops::RangeInclusive, time::Duration};

/// A value that the register can write.
pub(super) trait Shown {
    /// The value, without its unit if it is one number.
    fn shown(&self) -> String;
}

macro_rules! as_displayed {
    ($($number:ty),+) => { $(impl Shown for $number {
        fn shown(&self) -> String {
            self.to_string()
        }
    })+ };
}
as_displayed!(u8, u16, u32, u64, usize, i32, i64, f64);

impl Shown for Duration {
    fn shown(&self) -> String {
        self.as_secs().to_string()
    }
}

/// The lowest and the highest value.
impl Shown for RangeInclusive<i64> {
    fn shown(&self) -> String {
        format!("{} to {}", seconds_in_words(*self.start()), seconds_in_words(*self.end()))
    }
}

/// A first and a longest value.
impl Shown for (i64, i64) {
    fn shown(&self) -> String {
        format!("{}, doubling up to {}", self.0, self.1)
    }
}

/// A value for a special case, and the one for all others.
impl Shown for (usize, usize) {
    fn shown(&self) -> String {
        format!("{} or {}", self.0, self.1)
    }
}

/// Numbers of actions, each in a window of seconds.
impl<const N: usize> Shown for [(usize, i64); N] {
    fn shown(&self) -> String {
        let windows = self.iter().map(|(most, seconds)| format!("{most} in {}", seconds_in_words(*seconds)));
        windows.collect::<Vec<_>>().join(", ")
    }
}

/// Lengths of IPv6 prefixes, each with its factor.
impl<const N: usize> Shown for [(u8, u32); N] {
    fn shown(&self) -> String {
        let networks = self.iter().map(|(bits, factor)| format!("{factor} times each limit in a /{bits}"));
        networks.collect::<Vec<_>>().join(", ")
    }
}

impl Shown for RateLimit {
    fn shown(&self) -> String {
        format!("{} in {}", self.max_actions, seconds_in_words(i64::from(self.window_seconds)))
    }
}

impl Shown for BackoffPolicy {
    fn shown(&self) -> String {
        let window = seconds_in_words(self.memory);
        let reset = match self.reset {
            ResetPolicy::BySuccess => format!("a success or {window} without a failure resets the count"),
            ResetPolicy::ByTimeAlone => format!("the count is reset {window} after the first failure"),
        };
        let (first, longest) = (seconds_in_words(self.first_block), seconds_in_words(self.longest_block));
        let block = if self.longest_block == 0 {
            "no block".to_owned()
        } else if self.first_block == self.longest_block {
            format!("{} failures without a block, then {first} each", self.free)
        } else {
            format!("{} failures without a block, then {first}, doubling up to {longest}", self.free)
        };
        format!("{block}; {reset}")
    }
}

/// The unit that the end of a constant's name says; empty for a number of things.
pub(super) fn unit(name: &str) -> &'static str {
    let units = [
        // A range says its units itself.
        ("_RANGE_SECONDS", ""),
        ("_MILLISECONDS", "ms"),
        ("_SECONDS", "s"),
        ("_LIFETIME", "s"),
        ("_BYTES", "bytes"),
        ("_CHARS", "characters"),
        ("_KILOMETERS", "km"),
    ];
    units.iter().find(|(end, _)| name.ends_with(end)).map_or("", |(_, unit)| unit)
}

/// Seconds in the largest unit that divides them: `90 s`, `10 min`, `12 h`, `30 d`.
pub(super) fn seconds_in_words(seconds: i64) -> String {
    let units = [("d", 24 * 3600), ("h", 3600), ("min", 60)];
    let fits = |(_, length): &&(&str, i64)| seconds >= *length && seconds % length == 0;
    units
        .iter()
        .find(fits)
        .map_or(format!("{seconds} s"), |(unit, length)| format!("{} {unit}", seconds / length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::lockout;

    #[test]
    fn seconds_are_written_in_the_largest_unit_that_divides_them() {
        for (seconds, words) in
            [(0, "0 s"), (90, "90 s"), (600, "10 min"), (5400, "90 min"), (43_200, "12 h"), (86_400, "1 d")]
        {
            assert_eq!(seconds_in_words(seconds), words);
        }
    }

    #[test]
    fn a_backoff_policy_is_written_with_its_block_and_its_reset() {
        assert_eq!(
            lockout::PASSWORD_FROM_SOURCE.shown(),
            "4 failures without a block, then 1 s, doubling up to 1 h; a success or 1 d without a failure resets the count"
        );
        assert_eq!(
            lockout::BAD_SIGNATURES.shown(),
            "no block; the count is reset 1 d after the first failure"
        );
    }

    #[test]
    fn the_unit_is_the_end_of_the_name() {
        for (name, expected) in
            [("A_SECONDS", "s"), ("A_MILLISECONDS", "ms"), ("MAX_URL_BYTES", "bytes"), ("MAX_STREAMS", "")]
        {
            assert_eq!(unit(name), expected, "{name}");
        }
    }
}
