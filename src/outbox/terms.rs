//! How the deliveries of each carrier are sent: how many at once, for how long one send may take, and when a failed one
//! is tried again.

use super::smtp::MAX_SEND_SECONDS;
use ::entity::enums::CarrierKind;

/// The maximum number of push messages being sent at a time.
pub(super) const MAX_IN_FLIGHT: usize = 128;
/// The maximum number of letters being sent at a time. They have places of their own, so that a slow mail server does
/// not delay a request to a phone.
const MAX_LETTERS_IN_FLIGHT: usize = 8;
/// Seconds for which a push message belongs to the dispatcher that has read it. The row is due again after them, so
/// that another node sends what a stopped one has left. Longer than the slowest send together with its wait for a
/// permit at a busy host.
const PUSH_LEASE_SECONDS: i64 = 60;
/// The same for a letter.
const LETTER_LEASE_SECONDS: i64 = 2 * MAX_SEND_SECONDS;
/// The delays before the second, third and fourth attempt of a push message; there is no fifth.
const PUSH_RETRY_SECONDS: [i64; 3] = [1, 3, 8];
/// The delays before further attempts of a letter; the last one is repeated until the letter expires.
const LETTER_RETRY_SECONDS: [i64; 6] = [5, 30, 120, 600, 1800, 3600];

/// The terms of one carrier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// The maximum number of envelopes being sent at a time.
    pub(super) max_in_flight: usize,
    /// Seconds for which a row belongs to the dispatcher that has read it.
    pub(super) lease_seconds: i64,
    /// Seconds before each further attempt.
    pub(super) retry_seconds: &'static [i64],
    /// Whether the last of these delays is repeated until the expiry.
    pub(super) tries_until_expiry: bool,
}

impl Terms {
    /// Returns the terms of a carrier.
    pub(super) const fn of(carrier: CarrierKind) -> Self {
        match carrier {
            CarrierKind::WebPush => Self {
                max_in_flight: MAX_IN_FLIGHT,
                lease_seconds: PUSH_LEASE_SECONDS,
                retry_seconds: &PUSH_RETRY_SECONDS,
                tries_until_expiry: false,
            },
            CarrierKind::Smtp => Self {
                max_in_flight: MAX_LETTERS_IN_FLIGHT,
                lease_seconds: LETTER_LEASE_SECONDS,
                retry_seconds: &LETTER_RETRY_SECONDS,
                tries_until_expiry: true,
            },
        }
    }

    /// Returns the delay after this number of attempts; `None` when no further one follows.
    pub(super) fn delay_after(self, attempts: i32) -> Option<i64> {
        let attempts = usize::try_from(attempts).ok()?;
        let last = if self.tries_until_expiry { self.retry_seconds.last() } else { None };
        self.retry_seconds.get(attempts).or(last).copied()
    }
}
