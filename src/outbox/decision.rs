use super::carrier::Delivery;
use crate::clock::Timestamp;
use ::entity::outbox::OutboxState;
use ::entity::transport::TransportState;

/// The delays before the second, third and fourth attempt; there is no fifth.
const RETRY_DELAYS_SECONDS: [i64; 3] = [1, 3, 8];

/// The next step for an outbox row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The row is finished, with success or failure.
    Finish {
        /// The final state.
        state: OutboxState,
        /// The new state of the device's transport, if this outcome says something about it.
        transport: Option<TransportState>,
        /// The reason, for the operator.
        error: Option<String>,
    },
    /// The row is tried again.
    Retry {
        /// The earliest time of the next attempt.
        not_before: Timestamp,
        /// The reason, for the operator.
        error: String,
    },
}

/// The progress of a row's delivery.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryState {
    /// Attempts before the one that just ended.
    pub attempts: i32,
    /// The time after which the envelope is useless.
    pub expires_at: Timestamp,
    /// Whether the same service accepted an envelope for another device under the same VAPID key within the
    /// hour: then the subscription is refused, and not the server.
    pub others_are_accepted: bool,
}

/// Decides the next step after a delivery that ended at `now`.
pub fn decide(delivery: Delivery, delivery_state: DeliveryState, now: Timestamp) -> Next {
    match delivery {
        Delivery::Accepted => finish(OutboxState::Accepted, Some(TransportState::Ok), None),
        Delivery::Gone(reason) => finish(OutboxState::Gone, Some(TransportState::Gone), Some(reason)),
        Delivery::Suspect(reason) if delivery_state.others_are_accepted => {
            finish(OutboxState::Gone, Some(TransportState::Gone), Some(reason))
        }
        Delivery::Suspect(reason) => finish(OutboxState::Failed, Some(TransportState::Suspect), Some(reason)),
        Delivery::Failed(reason) => finish(OutboxState::Failed, None, Some(reason)),
        Delivery::Later { after_seconds, reason } => later(after_seconds, reason, delivery_state, now),
    }
}

fn later(after_seconds: Option<i64>, reason: String, delivery_state: DeliveryState, now: Timestamp) -> Next {
    let pause = usize::try_from(delivery_state.attempts).ok().and_then(|done| RETRY_DELAYS_SECONDS.get(done));
    let Some(pause) = pause else {
        return finish(OutboxState::Failed, None, Some(format!("given up: {reason}")));
    };
    let not_before = now.plus_seconds(after_seconds.unwrap_or(0).max(*pause));
    if not_before >= delivery_state.expires_at {
        return finish(OutboxState::Failed, None, Some(format!("no time left: {reason}")));
    }
    Next::Retry { not_before, error: reason }
}

fn finish(state: OutboxState, transport: Option<TransportState>, error: Option<String>) -> Next {
    Next::Finish { state, transport, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1000);

    fn delivery_state(attempts: i32, seconds_left: i64, others_are_accepted: bool) -> DeliveryState {
        DeliveryState { attempts, expires_at: NOW.plus_seconds(seconds_left), others_are_accepted }
    }

    fn busy(after_seconds: Option<i64>) -> Delivery {
        Delivery::Later { after_seconds, reason: "503".to_owned() }
    }

    #[test]
    fn a_final_outcome_finishes_the_row() {
        for (delivery, others, state, transport) in [
            (Delivery::Accepted, false, OutboxState::Accepted, Some(TransportState::Ok)),
            (Delivery::Gone("410".into()), false, OutboxState::Gone, Some(TransportState::Gone)),
            (Delivery::Suspect("403".into()), false, OutboxState::Failed, Some(TransportState::Suspect)),
            (Delivery::Suspect("403".into()), true, OutboxState::Gone, Some(TransportState::Gone)),
            (Delivery::Failed("413".into()), true, OutboxState::Failed, None),
        ] {
            let Next::Finish { state: decided, transport: marked, .. } =
                decide(delivery, delivery_state(0, 90, others), NOW)
            else {
                panic!("{state:?} is final");
            };
            assert_eq!((decided, marked), (state, transport));
        }
    }

    #[test]
    fn a_busy_service_is_retried_after_one_three_and_eight_seconds() {
        for (attempts, pause) in [(0, 1), (1, 3), (2, 8)] {
            let expected = Next::Retry { not_before: NOW.plus_seconds(pause), error: "503".to_owned() };
            assert_eq!(decide(busy(None), delivery_state(attempts, 90, false), NOW), expected);
        }
        for attempts in [3, 4, i32::MAX, -1] {
            let next = decide(busy(None), delivery_state(attempts, 90, false), NOW);
            assert!(
                matches!(next, Next::Finish { state: OutboxState::Failed, transport: None, .. }),
                "{attempts}"
            );
        }
    }

    #[test]
    fn a_retry_is_not_earlier_than_the_service_asked_for() {
        for (after, pause) in [(0, 1), (1, 1), (5, 5), (60, 60)] {
            let expected = Next::Retry { not_before: NOW.plus_seconds(pause), error: "503".to_owned() };
            assert_eq!(decide(busy(Some(after)), delivery_state(0, 90, false), NOW), expected);
        }
    }

    #[test]
    fn no_retry_is_scheduled_at_or_after_the_expiry() {
        for (seconds_left, after, is_tried) in [
            (2, None, true),
            (1, None, false),
            (0, None, false),
            (-9, None, false),
            (90, Some(90), false),
            (90, Some(89), true),
        ] {
            let next = decide(busy(after), delivery_state(0, seconds_left, false), NOW);
            assert_eq!(matches!(next, Next::Retry { .. }), is_tried, "{seconds_left} {after:?}");
        }
    }
}
