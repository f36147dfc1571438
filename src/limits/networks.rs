//! The networks in which a source is counted: its own, and for IPv6 the wider ones that one subscriber may have.
//!
//! Never reads an address from a request: `http::source` determines it.
//! Spec: RFC 6177 §2 (a site gets a /48 to a /56), RFC 4291 §2.5.4.
//! Called by: `limits::rate_limit`, `limits::concurrency`, `actions` and `storage`.

use ::entity::ids::AuthenticatorId;
use ipnet::{IpNet, Ipv6Net};

/// The wider IPv6 networks that are counted beside the /64 of a source: the length of their prefix, and the factor by
/// which a limit is higher there. Otherwise a subscriber with a /48 has each limit 65,536 times.
pub const WIDER_IPV6_NETWORKS: [(u8, u32); 2] = [(56, 4), (48, 16)];

/// A key under which actions are counted.
pub trait Counted: Ord + Clone {
    /// Returns this key and the wider ones that contain it, each with the factor by which the limit is higher there.
    fn levels(self) -> [Option<(Self, u32)>; 3];
}

impl Counted for IpNet {
    fn levels(self) -> [Option<(Self, u32)>; 3] {
        let [first, second] = WIDER_IPV6_NETWORKS.map(|(bits, factor)| Some((wider(self, bits)?, factor)));
        [Some((self, 1)), first, second]
    }
}

/// Something counted by source, such as the failures of one client.
impl<Thing: Ord + Copy> Counted for (IpNet, Thing) {
    fn levels(self) -> [Option<(Self, u32)>; 3] {
        let (network, thing) = self;
        network.levels().map(|level| level.map(|(network, factor)| ((network, thing), factor)))
    }
}

/// The digest or thumbprint of something that has no network.
impl<const N: usize> Counted for [u8; N] {
    fn levels(self) -> [Option<(Self, u32)>; 3] {
        [Some((self, 1)), None, None]
    }
}

/// The digest of a browser's cookie.
impl Counted for Vec<u8> {
    fn levels(self) -> [Option<(Self, u32)>; 3] {
        [Some((self, 1)), None, None]
    }
}

impl Counted for AuthenticatorId {
    fn levels(self) -> [Option<(Self, u32)>; 3] {
        [Some((self, 1)), None, None]
    }
}

fn wider(network: IpNet, bits: u8) -> Option<IpNet> {
    let IpNet::V6(network) = network else { return None };
    let wider = Ipv6Net::new(network.addr(), bits).ok()?;
    (bits < network.prefix_len()).then(|| wider.trunc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(network: &str) -> Vec<(String, u32)> {
        let levels = network.parse::<IpNet>().unwrap().levels().into_iter().flatten();
        levels.map(|(network, factor)| (network.to_string(), factor)).collect()
    }

    #[test]
    fn an_ipv6_network_counts_in_two_wider_ones_with_higher_limits() {
        let expected = [("2001:db8:1:2ab::/64", 1), ("2001:db8:1:200::/56", 4), ("2001:db8:1::/48", 16)];
        let expected = expected.map(|(network, factor)| (network.to_owned(), factor));
        assert_eq!(levels("2001:db8:1:2ab::/64"), expected);
    }

    #[test]
    fn an_ipv4_address_counts_alone() {
        assert_eq!(levels("192.0.2.7/32"), [("192.0.2.7/32".to_owned(), 1)]);
    }
}
