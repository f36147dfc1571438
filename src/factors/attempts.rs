//! How failures in a row slow the next attempt down. Never a permanent lock: every block has an end.
//!
//! Storage keeps one [`FailureCount`] for each key; the failure is committed whatever becomes of the request.

use crate::clock::Timestamp;

/// Failures in a row under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// How many.
    pub failures: u32,
    /// When the first of them fell.
    pub first_at: Timestamp,
    /// When the last of them fell.
    pub last_at: Timestamp,
    /// No attempt under this key before this instant.
    pub blocked_until: Option<Timestamp>,
}

/// How a kind of failure is braked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackoffPolicy {
    /// Failures that cost nothing.
    pub free: u32,
    /// Seconds of block after the first that costs; doubled with each further one.
    pub first_block: i64,
    /// The longest block in seconds.
    pub longest_block: i64,
    /// Seconds after which the failures are forgotten.
    pub memory: i64,
    /// What `memory` counts from, and whether a success clears the failures.
    pub reset: ResetPolicy,
}

/// When failures are forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetPolicy {
    /// By a success, or when nothing failed for the memory's time.
    BySuccess,
    /// Only when the memory's time has passed since the first: for the guesser who is patient.
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

/// Wrong passwords for one account from everywhere: from the tenth on, only known browsers may try meanwhile.
pub const PASSWORD_FROM_EVERYWHERE: BackoffPolicy = BackoffPolicy {
    free: 9,
    first_block: 60,
    longest_block: 3600,
    memory: 24 * 3600,
    reset: ResetPolicy::BySuccess,
};

/// Wrong codes for one account: five, then 15 minutes.
pub const TOTP: BackoffPolicy = BackoffPolicy {
    free: 4,
    first_block: 15 * 60,
    longest_block: 15 * 60,
    memory: 24 * 3600,
    reset: ResetPolicy::BySuccess,
};

/// Wrong codes for one account over a month: a patient guesser gets one try a day after the fiftieth.
pub const TOTP_LONG_TERM: BackoffPolicy = BackoffPolicy {
    free: 49,
    first_block: 24 * 3600,
    longest_block: 24 * 3600,
    memory: 30 * 24 * 3600,
    reset: ResetPolicy::ByTimeAlone,
};

/// Bad signatures of one device: those of a day count, and the count ends in a suspension rather than a block.
pub const BAD_SIGNATURES: BackoffPolicy = BackoffPolicy {
    free: u32::MAX - 1,
    first_block: 0,
    longest_block: 0,
    memory: 24 * 3600,
    reset: ResetPolicy::ByTimeAlone,
};

/// Whether this browser has signed this person in before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserFamiliarity {
    /// It has.
    Known,
    /// It has not.
    Unknown,
}

impl BackoffPolicy {
    /// The record after one more failure.
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

    /// The record after a success; `None` deletes it.
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
    /// `Err` holds the instant at which the next attempt is allowed.
    pub fn check(&self, now: Timestamp) -> Result<(), Timestamp> {
        self.blocked_until.filter(|until| *until > now).map_or(Ok(()), Err)
    }
}

/// Whether a password may be tried now. The page says the same to everyone: a name that does not exist counts too.
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

/// Whether a code may be tried now.
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
    fn the_delay_grows_and_ends() {
        let delays: Vec<_> = (1..=10).map(|n| block(&PASSWORD_FROM_SOURCE, n)).collect();
        assert_eq!(delays, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32]);
        assert_eq!(block(&PASSWORD_FROM_SOURCE, 1000), 3600);
        let record = failed(&PASSWORD_FROM_SOURCE, 1000);
        assert!(record.check(START.plus_seconds(3599)).is_err());
        assert_eq!(record.check(START.plus_seconds(3600)), Ok(()));
    }

    #[test]
    fn after_ten_in_a_row_only_known_browsers_get_in_until_the_delay_is_over() {
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
    fn ten_wrong_codes_an_hour_for_a_month_stay_below_a_hundred_tries() {
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
    fn failures_are_forgotten_after_a_day_without_any() {
        let before = Some(failed(&PASSWORD_FROM_SOURCE, 8));
        let day = START.plus_seconds(24 * 3600);
        assert_eq!(PASSWORD_FROM_SOURCE.after_failure(before, day).failures, 1);
        assert_eq!(PASSWORD_FROM_SOURCE.after_failure(before, day.plus_seconds(-1)).failures, 9);
    }
}
