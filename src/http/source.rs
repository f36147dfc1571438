//! The source of a request: the peer, or the address that a trusted proxy reports (RFC 7239, and
//! `X-Forwarded-For`).

use super::fields::elements;
use crate::{clock::Timestamp, config::ClientIpHeader};
use http::HeaderMap;
use ipnet::{IpNet, Ipv6Net};
use poem::{Addr, Request};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
};

/// The prefix that an IPv6 subscriber gets at least (RFC 6177 §2, RFC 4291 §2.5.4).
const SUBSCRIBER_PREFIX_BITS: u8 = 64;

/// The two headers in which proxies report addresses.
const HEADERS: [&str; 2] = ["x-forwarded-for", "forwarded"];
/// Milliseconds between two warnings of the same kind.
const MILLISECONDS_BETWEEN_WARNINGS: i64 = 60_000;

/// The source of a request, stored in its data by [`crate::http::middleware`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address of the browser, application or phone.
    pub address: IpAddr,
    /// Whether the peer is a trusted proxy.
    pub is_proxied: bool,
}

/// The proxies that may report addresses, and the header in which they do.
#[derive(Debug, Default)]
pub struct Forwarding {
    proxies: Vec<IpNet>,
    header: ClientIpHeader,
    is_https: bool,
    /// Whether a warning about such a header from an unnamed peer was logged.
    has_warned_of_peer: AtomicBool,
    /// When the log last said that both headers came, in milliseconds.
    warned_of_both_at: AtomicI64,
}

impl Forwarding {
    /// Believes `header` of these proxies. Behind `https` something must stand in front of this server, so that a
    /// forwarding header of a peer that is not named is worth a warning.
    pub fn new(proxies: Vec<IpNet>, header: ClientIpHeader, is_https: bool) -> Self {
        let warned_of_both_at = AtomicI64::new(i64::MIN);
        Self { proxies, header, is_https, warned_of_both_at, ..Self::default() }
    }

    /// Whether `address` belongs to a trusted proxy.
    fn has(&self, address: IpAddr) -> bool {
        contains(&self.proxies, address)
    }

    /// Returns the source of `request`: the right-most hop that is no trusted proxy. Hops to the left of it
    /// may be forged; an unreadable hop ends the search at the last trusted one.
    pub fn source_of(&self, request: &Request, now: Timestamp) -> Source {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(address) => address.ip().to_canonical(),
            _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        if !self.has(peer) {
            self.notice_unnamed_peer(request.headers(), peer);
            return Source { address: peer, is_proxied: false };
        }
        let mut address = peer;
        for hop in self.hops(request.headers(), peer, now).into_iter().rev() {
            let Some(hop) = hop else { break };
            address = hop;
            if !self.has(hop) {
                break;
            }
        }
        Source { address, is_proxied: true }
    }
}

impl Forwarding {
    /// Returns the hops in order of traversal, from the one header that the settings name. A proxy writes one and passes
    /// the other one on as the client sent it: where both came, neither is believed.
    fn hops(&self, headers: &HeaderMap, peer: IpAddr, now: Timestamp) -> Vec<Option<IpAddr>> {
        if HEADERS.iter().all(|name| headers.contains_key(*name)) {
            self.notice_both(peer, now);
            return Vec::new();
        }
        let hops = elements(headers, self.header.as_str(), b',');
        match self.header {
            ClientIpHeader::XForwardedFor => hops.map(|hop| address_in(hop?)).collect(),
            ClientIpHeader::Forwarded => hops.map(|hop| forwarded_for(hop?)).collect(),
        }
    }

    /// Warns at most once a minute.
    fn notice_both(&self, peer: IpAddr, now: Timestamp) {
        let last = self.warned_of_both_at.load(Relaxed);
        let is_due = now.0.saturating_sub(last) >= MILLISECONDS_BETWEEN_WARNINGS;
        if is_due && self.warned_of_both_at.compare_exchange(last, now.0, Relaxed, Relaxed).is_ok() {
            let used = self.header.as_str();
            tracing::warn!(
                %peer,
                "the proxy sent both X-Forwarded-For and Forwarded, so neither is believed and its own address counts; \
                 let it remove the one that is not {used} (the setting client_ip_header)"
            );
        }
    }

    /// Warns once: all clients then share the limits of one address.
    fn notice_unnamed_peer(&self, headers: &HeaderMap, peer: IpAddr) {
        let is_forwarded = self.is_https && HEADERS.iter().any(|name| headers.contains_key(*name));
        if is_forwarded && !self.has_warned_of_peer.swap(true, Relaxed) {
            tracing::warn!(
                %peer,
                "a request came with a forwarding header from an address that trusted_proxies does not name, so the \
                 header is ignored; if this is the proxy, add its address to trusted_proxies"
            );
        }
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

    /// The source of a request, where the settings name the first header.
    fn source(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let header = match headers.first() {
            Some((name, _)) if *name == "forwarded" => ClientIpHeader::Forwarded,
            _ => ClientIpHeader::XForwardedFor,
        };
        source_by(header, peer, headers)
    }

    fn source_by(header: ClientIpHeader, peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let forwarding = Forwarding::new(proxies, header, true);
        let mut request = Request::builder().finish();
        for (name, value) in headers {
            let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.headers_mut().append(*name, value);
        }
        let (parts, body) = request.into_parts();
        let mut head = http::Request::new(()).into_parts().0;
        head.headers = parts.headers;
        let remote = RemoteAddr(Addr::SocketAddr(SocketAddr::new(peer.parse().unwrap(), 1)));
        let parts = (head, poem::web::LocalAddr::default(), remote, http::uri::Scheme::HTTP).into();
        forwarding.source_of(&Request::from_parts(parts, body), Timestamp(0)).address.to_string()
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
    fn only_the_header_that_the_settings_name_is_read() {
        let (listed, forwarded) = (("x-forwarded-for", "198.51.100.9"), ("forwarded", "for=203.0.113.66"));
        for (header, only, other) in [
            (ClientIpHeader::XForwardedFor, listed, forwarded),
            (ClientIpHeader::Forwarded, forwarded, listed),
        ] {
            let read = only.1.trim_start_matches("for=");
            assert_eq!(source_by(header, "10.0.0.1", &[only]), read, "{header:?}");
            assert_eq!(source_by(header, "10.0.0.1", &[other]), "10.0.0.1", "{header:?}");
            assert_eq!(source_by(header, "10.0.0.1", &[only, other]), "10.0.0.1", "both: {header:?}");
            assert_eq!(source_by(header, "10.0.0.1", &[other, only]), "10.0.0.1", "both: {header:?}");
        }
    }

    #[test]
    fn a_hop_in_other_bytes_does_not_hide_those_that_the_proxies_added() {
        for line in ["J\u{fc}rgen, 198.51.100.9", "\u{fc}, 203.0.113.66, 198.51.100.9, 10.1.1.1"] {
            assert_eq!(source("10.0.0.1", &[("x-forwarded-for", line)]), "198.51.100.9", "{line}");
        }
        assert_eq!(source("10.0.0.1", &[("forwarded", "for=\u{fc}, for=198.51.100.9")]), "198.51.100.9");
        assert_eq!(source("10.0.0.1", &[("x-forwarded-for", "198.51.100.9, \u{fc}")]), "10.0.0.1");
    }

    #[test]
    fn repeated_headers_form_one_list() {
        let lines = [("x-forwarded-for", "203.0.113.66"), ("x-forwarded-for", "198.51.100.9")];
        assert_eq!(source("10.0.0.1", &lines), "198.51.100.9");
    }
}
