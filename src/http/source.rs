//! The source of a request: the peer, or the address that a trusted proxy reports (RFC 7239, and
//! `X-Forwarded-For`).

use http::HeaderMap;
use ipnet::{IpNet, Ipv6Net};
use poem::{Addr, Request};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The prefix that an IPv6 subscriber gets at least (RFC 6177 §2, RFC 4291 §2.5.4).
const SUBSCRIBER_PREFIX_BITS: u8 = 64;

/// The source of a request, stored in its data by [`crate::http::middleware`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address of the browser, application or phone.
    pub address: IpAddr,
    /// Whether the peer is a trusted proxy.
    pub is_proxied: bool,
}

/// The proxies that may report addresses.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// Whether `address` belongs to a trusted proxy.
    pub fn has(&self, address: IpAddr) -> bool {
        contains(&self.0, address)
    }

    /// Returns the source of `request`: the right-most hop that is no trusted proxy. Hops to the left of it
    /// may be forged; an unreadable hop ends the search at the last trusted one.
    pub fn source_of(&self, request: &Request) -> Source {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(address) => address.ip().to_canonical(),
            _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        if !self.has(peer) {
            return Source { address: peer, is_proxied: false };
        }
        let mut address = peer;
        for hop in hops(request.headers()).into_iter().rev() {
            let Some(hop) = hop else { break };
            address = hop;
            if !self.has(hop) {
                break;
            }
        }
        Source { address, is_proxied: true }
    }
}

impl Source {
    /// Returns the source of the request; the unspecified address outside [`crate::http::middleware`].
    pub fn of(request: &Request) -> Self {
        let nowhere = Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), is_proxied: false };
        request.data::<Self>().copied().unwrap_or(nowhere)
    }

    /// Returns the network that rate limits count, see [`rate_limit_prefix`].
    pub fn rate_limit_prefix(&self) -> IpNet {
        rate_limit_prefix(self.address)
    }
}

/// Returns the smallest network that belongs to one subscriber: an IPv4 address, or an IPv6 /64.
pub fn rate_limit_prefix(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address).into(),
        IpAddr::V6(address) => Ipv6Net::new_assert(address, SUBSCRIBER_PREFIX_BITS).trunc().into(),
    }
}

/// Whether one of `networks` contains `address`. An IPv4-mapped IPv6 address counts as IPv4.
pub fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Returns the hops in order of traversal. Proxies write one of the two headers; if both are present,
/// `X-Forwarded-For` counts, because proxies append to it by default.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = |name| headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    let listed: Vec<_> =
        lines("x-forwarded-for").flat_map(|line| line.split(',')).map(|hop| address_in(hop.trim())).collect();
    if !listed.is_empty() {
        return listed;
    }
    lines("forwarded").flat_map(|line| line.split(',')).map(forwarded_for).collect()
}

/// Reads the `for` parameter of one element of `Forwarded` (RFC 7239 §5.2).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let is_for = |pair: &&str| pair.trim().get(..4).is_some_and(|name| name.eq_ignore_ascii_case("for="));
    let pair = element.split(';').find(is_for)?;
    address_in(pair.trim().get(4..)?.trim_matches('"'))
}

/// Reads an address with or without port, IPv6 with or without brackets.
fn address_in(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::web::RemoteAddr;

    fn source(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        let mut request = Request::builder().finish();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let (parts, body) = request.into_parts();
        let mut head = http::Request::new(()).into_parts().0;
        head.headers = parts.headers;
        let remote = RemoteAddr(Addr::SocketAddr(SocketAddr::new(peer.parse().unwrap(), 1)));
        let parts = (head, poem::web::LocalAddr::default(), remote, http::uri::Scheme::HTTP).into();
        proxies.source_of(&Request::from_parts(parts, body)).address.to_string()
    }

    #[test]
    fn rate_limits_count_an_ipv4_address_and_an_ipv6_network() {
        for (address, expected) in [
            ("192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(rate_limit_prefix(address.parse().unwrap()).to_string(), expected, "{address}");
        }
    }

    #[test]
    fn an_ipv4_mapped_address_is_in_the_ipv4_network() {
        let loopback = ["127.0.0.0/8".parse().unwrap()];
        for (address, expected) in
            [("127.0.0.1", true), ("::ffff:127.0.0.1", true), ("::ffff:10.0.0.1", false), ("::1", false)]
        {
            assert_eq!(contains(&loopback, address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn headers_of_an_untrusted_peer_are_ignored() {
        assert_eq!(source("192.0.2.1", &[("x-forwarded-for", "198.51.100.9")]), "192.0.2.1");
        assert_eq!(source("192.0.2.1", &[("forwarded", "for=198.51.100.9")]), "192.0.2.1");
        assert_eq!(source("192.0.2.1", &[("x-real-ip", "198.51.100.9")]), "192.0.2.1");
    }

    #[test]
    fn the_right_most_hop_that_is_no_trusted_proxy_is_the_source() {
        for (field, value, expected) in [
            ("x-forwarded-for", "198.51.100.9", "198.51.100.9"),
            ("x-forwarded-for", "203.0.113.66, 198.51.100.9, 10.1.1.1", "198.51.100.9"),
            ("x-forwarded-for", "10.9.9.9, 198.51.100.9", "198.51.100.9"),
            ("x-forwarded-for", "10.9.9.9", "10.9.9.9"),
            ("x-forwarded-for", "198.51.100.9:1234", "198.51.100.9"),
            ("x-forwarded-for", "[2001:db8::1]:80", "2001:db8::1"),
            ("x-forwarded-for", "2001:db8::1", "2001:db8::1"),
            ("x-forwarded-for", "::ffff:198.51.100.9", "198.51.100.9"),
            ("forwarded", "for=203.0.113.66, For=\"[2001:db8::1]:80\";proto=https", "2001:db8::1"),
            ("forwarded", "proto=https;for=198.51.100.9;by=10.0.0.1", "198.51.100.9"),
        ] {
            assert_eq!(source("10.0.0.1", &[(field, value)]), expected, "{field}: {value}");
        }
        assert_eq!(source("::1", &[("x-forwarded-for", "198.51.100.9")]), "198.51.100.9");
    }

    #[test]
    fn an_unreadable_hop_ends_the_search() {
        assert_eq!(source("10.0.0.1", &[("x-forwarded-for", "198.51.100.9, unknown")]), "10.0.0.1");
        assert_eq!(source("10.0.0.1", &[("x-forwarded-for", "198.51.100.9, unknown, 10.0.0.7")]), "10.0.0.7");
        assert_eq!(source("10.0.0.1", &[("forwarded", "for=_hidden")]), "10.0.0.1");
        assert_eq!(source("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn repeated_headers_form_one_list() {
        let lines = [("x-forwarded-for", "203.0.113.66"), ("x-forwarded-for", "198.51.100.9")];
        assert_eq!(source("10.0.0.1", &lines), "198.51.100.9");
    }
}
