//! Limits the number of connections, in total and for each source.

use crate::http::source::{contains, rate_limit_prefix};
use ipnet::IpNet;
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// The counters and their limits.
#[derive(Debug)]
pub(super) struct Admission {
    all: usize,
    per_source: usize,
    uncounted: Vec<IpNet>,
    open: Mutex<Open>,
}

/// The number of open connections.
#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_source: BTreeMap<IpNet, usize>,
}

/// An admitted connection; dropping it releases its place.
#[derive(Debug)]
pub(super) struct Ticket {
    admission: Arc<Admission>,
    source: Option<IpNet>,
}

impl Admission {
    /// Allows `all` connections, and `per_source` for each source unless its network is in `uncounted`.
    pub(super) fn new(all: usize, per_source: usize, uncounted: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { all, per_source, uncounted, open: Mutex::default() })
    }

    /// Admits one more connection of `address`; `None` when a limit is reached.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Ticket> {
        let is_counted = !contains(&self.uncounted, address);
        let source = is_counted.then(|| rate_limit_prefix(address));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_source = source.and_then(|source| open.by_source.get(&source).copied()).unwrap_or(0);
        if open.all >= self.all || of_source >= self.per_source {
            return None;
        }
        open.all += 1;
        if let Some(source) = source {
            open.by_source.insert(source, of_source + 1);
        }
        Some(Ticket { admission: Arc::clone(self), source })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut open = self.admission.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        let Some(source) = self.source else { return };
        match open.by_source.get_mut(&source) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.by_source.remove(&source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_limited_to_its_share_and_closing_releases_a_place() {
        let admission = Admission::new(3, 1, vec!["10.0.0.0/8".parse().unwrap()]);
        let from = |address: &str| admission.admit(address.parse().unwrap());
        let first = from("192.0.2.1").unwrap();
        assert!(from("192.0.2.1").is_none());
        let neighbor = from("192.0.2.2").unwrap();
        drop(first);
        let _again = from("192.0.2.1").unwrap();
        drop(neighbor);
        let _proxy = (from("10.0.0.1").unwrap(), from("10.0.0.1").unwrap());
        assert!(from("198.51.100.1").is_none(), "the total of three is reached");
    }

    #[test]
    fn an_ipv6_network_counts_as_one_source() {
        let admission = Admission::new(9, 1, Vec::new());
        let _first = admission.admit("2001:db8::1".parse().unwrap()).unwrap();
        assert!(admission.admit("2001:db8::2".parse().unwrap()).is_none());
        assert!(admission.admit("2001:db8:0:1::1".parse().unwrap()).is_some());
    }
}
