use super::carrier::Delivery;
use super::terms::Terms;
use crate::clock::Timestamp;
use crate::factors::push::{OutboxTransition, TransportTransition};

/// The next step for an outbox row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The row is finished, with success or failure.
    Finish {
        /// The outcome of the row.
        outcome: OutboxTransition,
        /// The outcome for the device's transport, if there is one.
        transport: Option<TransportTransition>,
        /// The word of the audit log for a failure; empty for a success.
        code: &'static str,
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
    /// When the carrier tries again.
    pub(super) terms: Terms,
}

/// Decides the next step after a delivery that ended at `now`.
pub fn decide(delivery: Delivery, delivery_state: DeliveryState, now: Timestamp) -> Next {
    let lost = |reason| finish(OutboxTransition::Lose, Some(TransportTransition::Lose), ("gone", reason));
    match delivery {
        Delivery::Accepted => Next::Finish {
            outcome: OutboxTransition::Accept,
            transport: Some(TransportTransition::Accept),
            code: "",
            error: None,
        },
        Delivery::Gone(reason) => lost(reason),
        Delivery::Suspect(reason) if delivery_state.others_are_accepted => lost(reason),
        Delivery::Suspect(reason) => {
            finish(OutboxTransition::Fail, Some(TransportTransition::Suspect), ("refused", reason))
        }
        Delivery::Failed(failure) => finish(OutboxTransition::Fail, None, (failure.code, failure.reason)),
        Delivery::Later { after_seconds, reason } => later(after_seconds, reason, delivery_state, now),
    }
}

fn later(after_seconds: Option<i64>, reason: String, delivery_state: DeliveryState, now: Timestamp) -> Next {
    let given_up = |why: &str| finish(OutboxTransition::Fail, None, ("expired", format!("{why}: {reason}")));
    let Some(pause) = delivery_state.terms.delay_after(delivery_state.attempts) else {
        return given_up("given up");
    };
    let not_before = now.plus_seconds(after_seconds.unwrap_or(0).max(pause));
    if not_before >= delivery_state.expires_at {
        return given_up("no time left");
    }
    Next::Retry { not_before, error: reason }
}

fn finish(
    outcome: OutboxTransition,
    transport: Option<TransportTransition>,
    (code, error): (&'static str, String),
) -> Next {
    Next::Finish { outcome, transport, code, error: Some(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::entity::enums::CarrierKind;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1000);

    fn delivery_state(attempts: i32, seconds_left: i64, others_are_accepted: bool) -> DeliveryState {
        let terms = Terms::of(CarrierKind::WebPush);
        DeliveryState { attempts, expires_at: NOW.plus_seconds(seconds_left), others_are_accepted, terms }
    }

    fn busy(after_seconds: Option<i64>) -> Delivery {
        Delivery::Later { after_seconds, reason: "503".to_owned() }
    }

    #[test]
    fn a_final_outcome_finishes_the_row() {
        for (delivery, others, outcome, transport) in [
            (Delivery::Accepted, false, OutboxTransition::Accept, Some(TransportTransition::Accept)),
            (Delivery::Gone("410".into()), false, OutboxTransition::Lose, Some(TransportTransition::Lose)),
            (
                Delivery::Suspect("403".into()),
                false,
                OutboxTransition::Fail,
                Some(TransportTransition::Suspect),
            ),
            (Delivery::Suspect("403".into()), true, OutboxTransition::Lose, Some(TransportTransition::Lose)),
            (Delivery::Failed("413".into()), true, OutboxTransition::Fail, None),
        ] {
            let Next::Finish { outcome: decided, transport: marked, .. } =
                decide(delivery, delivery_state(0, 90, others), NOW)
            else {
                panic!("{outcome:?} is final");
            };
            assert_eq!((decided, marked), (outcome, transport));
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
                matches!(next, Next::Finish { outcome: OutboxTransition::Fail, transport: None, .. }),
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

    #[test]
    fn a_letter_is_tried_until_it_expires() {
        let terms = Terms::of(CarrierKind::Smtp);
        let day = 24 * 3600;
        for (attempts, pause) in [(0, 5), (1, 30), (2, 120), (3, 600), (4, 1800), (5, 3600), (20, 3600)] {
            let state = DeliveryState { terms, ..delivery_state(attempts, day, false) };
            let expected = Next::Retry { not_before: NOW.plus_seconds(pause), error: "503".to_owned() };
            assert_eq!(decide(busy(None), state, NOW), expected);
        }
        let state = DeliveryState { terms, ..delivery_state(20, 3600, false) };
        let next = decide(busy(None), state, NOW);
        assert!(matches!(next, Next::Finish { code: "expired", .. }), "{next:?}");
    }
}
