//! Lockout and backoff: failures in a row delay the next attempt. No lock is permanent: every block ends.
//!
//! Storage keeps one [`FailureCount`] per key and commits each failure, even when the request fails later.

use crate::clock::Timestamp;

/// Failures in a row under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// Number of failures.
    pub failures: u32,
    /// Time of the first failure.
    pub first_at: Timestamp,
    /// Time of the last failure.
    pub last_at: Timestamp,
    /// No attempt under this key is allowed before this instant.
    pub blocked_until: Option<Timestamp>,
}

/// The backoff for one kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackoffPolicy {
    /// Number of failures that cause no block.
    pub free: u32,
    /// Seconds of the first block; each further failure doubles them.
    pub first_block: i64,
    /// The longest block, in seconds.
    pub longest_block: i64,
    /// Seconds after which the count starts again.
    pub memory: i64,
    /// The start of `memory`, and whether a success resets the count.
    pub reset: ResetPolicy,
}

/// When the failure count is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetPolicy {
    /// By a success, or once `memory` has passed since the last failure.
    BySuccess,
    /// Only once `memory` has passed since the first failure, so that a patient guesser gains nothing.
    ByTimeAlone,
}

/// Wrong passwords for one account from one source.
pub const PASSWORD_FROM_SOURCE: BackoffPolicy = BackoffPolicy {
    free: 4,
    first_block: 1,
    longest_block: 3600,
    memory: 24 * 3600,
    reset: ResetPolicy::BySuccess,
};

/// Wrong passwords for one account from all sources: from the tenth on, only known browsers may try during
/// the block.
pub const PASSWORD_FROM_EVERYWHERE: BackoffPolicy = BackoffPolicy {
    free: 9,
    first_block: 60,
    longest_block: 3600,
    memory: 24 * 3600,
    reset: ResetPolicy::BySuccess,
};

/// Wrong TOTP codes for one account: the fifth blocks for 15 minutes.
pub const TOTP: BackoffPolicy = BackoffPolicy {
    free: 4,
    first_block: 15 * 60,
    longest_block: 15 * 60,
    memory: 24 * 3600,
    reset: ResetPolicy::BySuccess,
};

/// Wrong TOTP codes for one account over a month: from the fiftieth on, one attempt a day.
pub const TOTP_LONG_TERM: BackoffPolicy = BackoffPolicy {
    free: 49,
    first_block: 24 * 3600,
    longest_block: 24 * 3600,
    memory: 30 * 24 * 3600,
    reset: ResetPolicy::ByTimeAlone,
};

/// Bad signatures of one device within a day: they never block; the caller suspends the device at its limit.
pub const BAD_SIGNATURES: BackoffPolicy = BackoffPolicy {
    free: u32::MAX - 1,
    first_block: 0,
    longest_block: 0,
    memory: 24 * 3600,
    reset: ResetPolicy::ByTimeAlone,
};

/// Tells whether this browser has signed this person in before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserFamiliarity {
    /// It has signed this person in before.
    Known,
    /// It has not signed this person in before.
    Unknown,
}

impl BackoffPolicy {
    /// Returns the count after one more failure at `now`.
    pub fn after_failure(&self, before: Option<FailureCount>, now: Timestamp) -> FailureCount {
        let kept = before.filter(|record| !self.is_forgotten(record, now));
        let failures = kept.map_or(0, |record| record.failures).saturating_add(1);
        FailureCount {
            failures,
            first_at: kept.map_or(now, |record| record.first_at),
            last_at: now,
            blocked_until: self.block(failures).map(|seconds| now.plus_seconds(seconds)),
        }
    }

    /// Returns the count after a success; `None` deletes it.
    pub fn after_success(&self, before: Option<FailureCount>) -> Option<FailureCount> {
        match self.reset {
            ResetPolicy::BySuccess => None,
            ResetPolicy::ByTimeAlone => before,
        }
    }

    fn is_forgotten(&self, record: &FailureCount, now: Timestamp) -> bool {
        let since = match self.reset {
            ResetPolicy::BySuccess => record.last_at,
            ResetPolicy::ByTimeAlone => record.first_at,
        };
        now.seconds_since(since) >= self.memory
    }

    fn block(&self, failures: u32) -> Option<i64> {
        let doublings = failures.checked_sub(self.free.saturating_add(1))?;
        let factor = 1_i64.checked_shl(doublings.min(40)).unwrap_or(i64::MAX);
        Some(self.first_block.saturating_mul(factor).min(self.longest_block))
    }
}

impl FailureCount {
    /// Checks whether an attempt is allowed at `now`; the error is the instant from which it is.
    pub fn check(&self, now: Timestamp) -> Result<(), Timestamp> {
        self.blocked_until.filter(|until| *until > now).map_or(Ok(()), Err)
    }
}

/// Checks whether a password may be tried now; the error is the instant from which it may. Failures under
/// unknown names count as well, so that the answer does not reveal whether a name exists.
pub fn may_try_password(
    from_source: Option<FailureCount>,
    from_everywhere: Option<FailureCount>,
    browser: BrowserFamiliarity,
    now: Timestamp,
) -> Result<(), Timestamp> {
    from_source.map_or(Ok(()), |record| record.check(now))?;
    match browser {
        BrowserFamiliarity::Known => Ok(()),
        BrowserFamiliarity::Unknown => from_everywhere.map_or(Ok(()), |record| record.check(now)),
    }
}

/// Checks whether a TOTP code may be tried now; the error is the instant from which it may.
pub fn may_try_totp(
    recent: Option<FailureCount>,
    long_term: Option<FailureCount>,
    now: Timestamp,
) -> Result<(), Timestamp> {
    recent.map_or(Ok(()), |record| record.check(now))?;
    long_term.map_or(Ok(()), |record| record.check(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn failed(rule: &BackoffPolicy, times: u32) -> FailureCount {
        (0..times).fold(None, |record, _| Some(rule.after_failure(record, START))).unwrap()
    }

    fn block(rule: &BackoffPolicy, times: u32) -> i64 {
        failed(rule, times).blocked_until.map_or(0, |until| until.seconds_since(START))
    }

    #[test]
    fn the_delay_doubles_up_to_its_maximum_and_ends() {
        let delays: Vec<_> = (1..=10).map(|n| block(&PASSWORD_FROM_SOURCE, n)).collect();
        assert_eq!(delays, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32]);
        assert_eq!(block(&PASSWORD_FROM_SOURCE, 1000), 3600);
        let record = failed(&PASSWORD_FROM_SOURCE, 1000);
        assert!(record.check(START.plus_seconds(3599)).is_err());
        assert_eq!(record.check(START.plus_seconds(3600)), Ok(()));
    }

    #[test]
    fn after_ten_failures_only_known_browsers_may_try_until_the_delay_is_over() {
        let nine = Some(failed(&PASSWORD_FROM_EVERYWHERE, 9));
        let ten = Some(failed(&PASSWORD_FROM_EVERYWHERE, 10));
        assert_eq!(may_try_password(None, nine, BrowserFamiliarity::Unknown, START), Ok(()));
        assert_eq!(
            may_try_password(None, ten, BrowserFamiliarity::Unknown, START),
            Err(START.plus_seconds(60))
        );
        assert_eq!(may_try_password(None, ten, BrowserFamiliarity::Known, START), Ok(()));
        assert_eq!(may_try_password(None, ten, BrowserFamiliarity::Unknown, START.plus_seconds(60)), Ok(()));
    }

    #[test]
    fn five_wrong_codes_lock_for_a_quarter_of_an_hour() {
        let four = Some(failed(&TOTP, 4));
        let five = Some(failed(&TOTP, 5));
        assert_eq!(may_try_totp(four, None, START), Ok(()));
        assert_eq!(may_try_totp(five, None, START), Err(START.plus_seconds(900)));
    }

    #[test]
    fn a_success_clears_the_short_count_and_never_the_long_one() {
        let record = Some(failed(&TOTP, 5));
        assert_eq!(TOTP.after_success(record), None);
        assert_eq!(TOTP_LONG_TERM.after_success(record), record);
    }

    #[test]
    fn ten_wrong_codes_an_hour_for_a_month_allow_fewer_than_a_hundred_tries() {
        let (mut recent, mut long_term, mut tries) = (None, None, 0);
        for hour in 0..24 * 30 {
            for attempt in 0..10 {
                let now = START.plus_seconds(hour * 3600 + attempt * 360);
                if may_try_totp(recent, long_term, now).is_ok() {
                    tries += 1;
                    recent = Some(TOTP.after_failure(recent, now));
                    long_term = Some(TOTP_LONG_TERM.after_failure(long_term, now));
                }
            }
        }
        assert!((50..100).contains(&tries), "{tries} tries");
    }

    #[test]
    fn the_count_starts_again_after_a_day_without_failures() {
        let before = Some(failed(&PASSWORD_FROM_SOURCE, 8));
        let day = START.plus_seconds(24 * 3600);
        assert_eq!(PASSWORD_FROM_SOURCE.after_failure(before, day).failures, 1);
        assert_eq!(PASSWORD_FROM_SOURCE.after_failure(before, day.plus_seconds(-1)).failures, 9);
    }
}
