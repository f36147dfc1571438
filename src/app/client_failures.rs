//! How often a client may fail to authenticate from one place before it is not even looked at.

use crate::http::budgets::Budgets;
use ::entity::ids::ClientKey;
use ipnet::IpNet;
use std::time::Duration;

/// Failures of one client from one source; all names that nobody has share one budget of the source.
pub type ClientFailures = Budgets<(IpNet, Option<ClientKey>)>;

/// 50 in a minute: enough for a deployment with an old secret, and over before anyone has to be called. Secrets have
/// 256 bits, so this spares work and the trail; it is not what keeps them from being guessed.
pub fn client_failures() -> ClientFailures {
    Budgets::new(50, Duration::from_secs(60), 10_000)
}
