//! Remembers the push hosts that were refused, so that each is logged once.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Maximum number of hosts remembered and logged per process: hosts come from authenticators, so anyone can
/// invent them.
const REMEMBERED: usize = 64;

/// The hosts that were refused before.
#[derive(Debug, Default)]
pub(super) struct RefusedHosts(Mutex<BTreeSet<String>>);

/// The way to log a refused host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logged {
    /// With its name.
    ByName,
    /// With its name, and as the last one.
    Last,
    /// Not at all: it was logged before, or too many hosts were.
    Not,
}

impl RefusedHosts {
    /// Records that `host` was refused, and returns how to log it.
    pub(super) fn note(&self, host: &str) -> Logged {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= REMEMBERED || !hosts.insert(host.to_owned()) {
            return Logged::Not;
        }
        if hosts.len() == REMEMBERED { Logged::Last } else { Logged::ByName }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_is_logged_once_and_the_number_of_hosts_is_bounded() {
        let hosts = RefusedHosts::default();
        assert_eq!(hosts.note("a.example"), Logged::ByName);
        assert_eq!(hosts.note("a.example"), Logged::Not);
        let logged: Vec<Logged> = (1..200).map(|number| hosts.note(&format!("{number}.example"))).collect();
        assert_eq!(logged.iter().filter(|how| **how == Logged::ByName).count(), REMEMBERED - 2);
        assert_eq!(logged.iter().filter(|how| **how == Logged::Last).count(), 1);
        assert_eq!(hosts.0.lock().unwrap().len(), REMEMBERED);
    }
}
