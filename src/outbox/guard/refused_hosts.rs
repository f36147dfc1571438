//! Which hosts of push endpoints were refused, so that each is logged once.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Hosts come from authenticators, so anyone may name them: so many are remembered and logged in the life of a process.
const REMEMBERED: usize = 64;

/// The hosts that were refused already.
#[derive(Debug, Default)]
pub(super) struct RefusedHosts(Mutex<BTreeSet<String>>);

/// How a refused host is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logged {
    /// By its name.
    ByName,
    /// By its name, and no further host will be.
    Last,
    /// Not at all: it was already, or too many were.
    Not,
}

impl RefusedHosts {
    /// Remembers that `host` was refused, and says how to log it.
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
    fn each_host_is_logged_once_and_many_do_not_fill_the_memory() {
        let hosts = RefusedHosts::default();
        assert_eq!(hosts.note("a.example"), Logged::ByName);
        assert_eq!(hosts.note("a.example"), Logged::Not);
        let logged: Vec<Logged> = (1..200).map(|number| hosts.note(&format!("{number}.example"))).collect();
        assert_eq!(logged.iter().filter(|how| **how == Logged::ByName).count(), REMEMBERED - 2);
        assert_eq!(logged.iter().filter(|how| **how == Logged::Last).count(), 1);
        assert_eq!(hosts.0.lock().unwrap().len(), REMEMBERED);
    }
}
