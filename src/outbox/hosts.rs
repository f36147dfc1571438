use super::carrier::Delivery;
use super::circuit_breaker::CircuitBreaker;
use super::envelope::Subscription;
use crate::clock::Timestamp;
use ::entity::ids::AuthenticatorId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// The maximum number of envelopes being sent to one host.
const MAX_IN_FLIGHT_PER_HOST: usize = 32;
/// The maximum number of remembered hosts; hosts come from subscriptions, which others choose.
const MAX_REMEMBERED_HOSTS: usize = 256;
/// For this long after a success the VAPID key counts as accepted by the host.
const KEY_TRUSTED_AFTER_SUCCESS_SECONDS: i64 = 3600;

/// The known push services by origin.
#[derive(Default)]
pub(super) struct Hosts(Mutex<BTreeMap<String, Arc<Host>>>);

/// One push service.
pub(super) struct Host {
    pub(super) permits: Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    breaker: CircuitBreaker,
    last_accepted: Option<Accepted>,
}

struct Accepted {
    device: AuthenticatorId,
    vapid_kid: String,
    at: Timestamp,
}

impl Hosts {
    pub(super) fn of(&self, origin: &str) -> Arc<Host> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MAX_REMEMBERED_HOSTS && !hosts.contains_key(origin) {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        Arc::clone(hosts.entry(origin.to_owned()).or_default())
    }
}

impl Default for Host {
    fn default() -> Self {
        Self { permits: Semaphore::new(MAX_IN_FLIGHT_PER_HOST), state: Mutex::default() }
    }
}

impl Host {
    /// Whether an envelope may be sent now; otherwise its outcome.
    pub(super) fn admit(&self, now: Timestamp) -> Result<(), Delivery> {
        self.state().breaker.admit(now).map_err(|seconds| Delivery::Later {
            after_seconds: Some(seconds),
            reason: "the service failed repeatedly and gets no messages for a moment".to_owned(),
        })
    }

    /// Records the outcome of a send.
    pub(super) fn learn(&self, delivery: &Delivery, subscription: Option<&Subscription>, now: Timestamp) {
        let mut state = self.state();
        match delivery {
            Delivery::Later { .. } => state.breaker.failed(now),
            _ => state.breaker.succeeded(),
        }
        if let (Delivery::Accepted, Some(subscription)) = (delivery, subscription) {
            let (device, vapid_kid) = (subscription.device, subscription.vapid_kid.clone());
            state.last_accepted = Some(Accepted { device, vapid_kid, at: now });
        }
    }

    /// Whether an envelope for another device was accepted under the VAPID key of this one within the hour.
    pub(super) fn accepts_others(&self, subscription: &Subscription, now: Timestamp) -> bool {
        self.state().last_accepted.as_ref().is_some_and(|last| {
            last.device != subscription.device
                && last.vapid_kid == subscription.vapid_kid
                && now.seconds_since(last.at) < KEY_TRUSTED_AFTER_SUCCESS_SECONDS
        })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::samples::{self, device};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1000);

    fn subscription(number: u128, vapid_kid: &str) -> Subscription {
        Subscription { vapid_kid: vapid_kid.to_owned(), ..samples::subscription(device(number)) }
    }

    #[test]
    fn another_devices_success_proves_the_key_for_an_hour() {
        let [one, two] = [1, 2].map(|number| subscription(number, "kid"));
        let host = Host::default();
        assert!(!host.accepts_others(&two, NOW));
        host.learn(&Delivery::Accepted, Some(&one), NOW);
        assert!(host.accepts_others(&two, NOW.plus_seconds(3599)));
        assert!(!host.accepts_others(&two, NOW.plus_seconds(3600)));
        assert!(!host.accepts_others(&subscription(2, "other kid"), NOW));
        assert!(!host.accepts_others(&one, NOW), "a device's own success does not count");
    }

    #[test]
    fn a_refused_envelope_is_no_failure_of_the_host() {
        let (failing, refusing) = (Host::default(), Host::default());
        for _ in 0..5 {
            let busy = Delivery::Later { after_seconds: None, reason: String::new() };
            failing.learn(&busy, None, NOW);
            refusing.learn(&Delivery::Gone(String::new()), None, NOW);
        }
        assert!(refusing.admit(NOW).is_ok());
        assert!(matches!(failing.admit(NOW), Err(Delivery::Later { after_seconds: Some(5), .. })));
    }

    #[test]
    fn the_number_of_remembered_hosts_is_bounded() {
        let hosts = Hosts::default();
        let busy = hosts.of("https://busy.example");
        for number in 0..3 * MAX_REMEMBERED_HOSTS {
            hosts.of(&format!("https://{number}.example"));
        }
        assert!(hosts.0.lock().unwrap().len() <= MAX_REMEMBERED_HOSTS);
        assert!(Arc::ptr_eq(&busy, &hosts.of("https://busy.example")), "a host in use is kept");
    }
}
