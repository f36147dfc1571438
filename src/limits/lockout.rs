//! Lockout and backoff: failures in a row delay the next attempt (brute force). Every block ends by itself.
//! Never counts: storage keeps one [`FailureCount`] per key and commits each failure, whatever the response.
//! Spec: NIST SP 800-63B-4 §3.2.2. Called by: `actions` and `storage`.

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

/// Seconds for which the network is blocked for a person from which a reported sign-in of that person came.
pub const REPORTED_SOURCE_BLOCK_SECONDS: i64 = 24 * 3600;

/// Wrong tickets for one account: the fifth blocks for 15 minutes.
pub const TICKET: BackoffPolicy = BackoffPolicy {
    free: 4,
    first_block: 15 * 60,
    longest_block: 15 * 60,
    memory: 24 * 3600,
    reset: ResetPolicy::BySuccess,
};

/// Number of bad signatures in a day that suspends a device (authenticator protocol §3.1).
pub const MAX_BAD_SIGNATURES_PER_DAY: u32 = 10;

/// Counts the bad signatures of one device within a day. The count never blocks: `device_api` suspends the
/// device at [`MAX_BAD_SIGNATURES_PER_DAY`].
pub const BAD_SIGNATURES: BackoffPolicy = BackoffPolicy {
    free: u32::MAX - 1,
    first_block: 0,
    longest_block: 0,
    memory: 24 * 3600,
    reset: ResetPolicy::ByTimeAlone,
};

/// Number of wrong confirmation codes that ends an enrollment.
pub const MAX_CONFIRM_ATTEMPTS: i32 = 3;

/// Number of wrong claims that ends an enrollment.
pub const MAX_CLAIM_FAILURES: i32 = 10;

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
mod tests;
