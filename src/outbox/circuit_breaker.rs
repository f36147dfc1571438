use crate::clock::Timestamp;

/// Consecutive failures after which a host is paused.
const FAILURE_THRESHOLD: u32 = 5;
/// The first pause in seconds; doubled after each failed probe, up to `MAX_OPEN_SECONDS`.
const MIN_OPEN_SECONDS: i64 = 5;
const MAX_OPEN_SECONDS: i64 = 60;

/// Pauses sends to a failing host, and then probes it with one envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CircuitBreaker {
    failures: u32,
    pause_seconds: i64,
    closed_until: Option<Timestamp>,
}

impl CircuitBreaker {
    /// Whether an envelope may be sent to the host now; otherwise the seconds until one may.
    ///
    /// After a pause the first envelope admitted is the probe: later ones wait for its outcome.
    pub(super) fn admit(&mut self, now: Timestamp) -> Result<(), i64> {
        match self.closed_until {
            Some(until) if now < until => Err(until.seconds_since(now).max(1)),
            Some(_) => {
                self.closed_until = Some(now.plus_seconds(self.pause_seconds));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Records a success of the host.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Records a failure of the host at `now`.
    pub(super) fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURE_THRESHOLD {
            self.pause_seconds = (self.pause_seconds * 2).clamp(MIN_OPEN_SECONDS, MAX_OPEN_SECONDS);
            self.closed_until = Some(now.plus_seconds(self.pause_seconds));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1000);

    fn broken() -> CircuitBreaker {
        let mut breaker = CircuitBreaker::default();
        for _ in 0..FAILURE_THRESHOLD {
            breaker.failed(NOW);
        }
        breaker
    }

    #[test]
    fn a_host_is_paused_after_five_consecutive_failures() {
        let mut breaker = CircuitBreaker::default();
        for _ in 0..FAILURE_THRESHOLD - 1 {
            breaker.failed(NOW);
            assert_eq!(breaker.admit(NOW), Ok(()));
        }
        breaker.failed(NOW);
        assert_eq!(breaker.admit(NOW), Err(5));
        assert_eq!(breaker.admit(NOW.plus_seconds(4)), Err(1));
    }

    #[test]
    fn a_success_in_between_starts_the_count_again() {
        let mut breaker = CircuitBreaker::default();
        for _ in 0..3 {
            for _ in 0..FAILURE_THRESHOLD - 1 {
                breaker.failed(NOW);
            }
            breaker.succeeded();
        }
        assert_eq!(breaker.admit(NOW), Ok(()));
    }

    #[test]
    fn after_a_pause_one_probe_decides_for_all_envelopes() {
        let mut breaker = broken();
        let later = NOW.plus_seconds(5);
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(5), "one probe at a time");
        let mut healed = breaker;
        healed.succeeded();
        assert_eq!(healed, CircuitBreaker::default());
        breaker.failed(later);
        assert_eq!(breaker.admit(later), Err(10), "twice as long");
    }

    #[test]
    fn the_pause_does_not_grow_beyond_a_minute() {
        let mut breaker = broken();
        for _ in 0..9 {
            breaker.failed(NOW);
        }
        assert_eq!(breaker.admit(NOW), Err(MAX_OPEN_SECONDS));
    }
}
