//! Networks in CIDR notation (RFC 4632), as operators write them.
//!
//! IPv4 addresses in the form of IPv6 (`::ffff:10.0.0.0`) become IPv4 networks, because requests are compared
//! by their canonical addresses. Called by `settings`.

use super::redaction::redacted;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serializer, de};
use std::net::IpAddr;

/// The bits in front of the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2).
const MAPPED_PREFIX_BITS: u8 = 96;

/// Reads a network: `10.0.0.0/8`, `fd00::/8`, or a single address. Bits behind the prefix are set to zero.
///
/// # Errors
/// One sentence with the redacted `text` and an example.
pub(super) fn parse(text: &str) -> Result<IpNet, String> {
    let read = || {
        let Some((address, prefix)) = text.split_once('/') else {
            return Some(text.trim().parse::<IpAddr>().ok()?.to_canonical().into());
        };
        let written: IpAddr = address.trim().parse().ok()?;
        let prefix: u8 = prefix.parse().ok()?;
        let address = written.to_canonical();
        let prefix = if address == written { prefix } else { prefix.checked_sub(MAPPED_PREFIX_BITS)? };
        IpNet::new(address, prefix).ok()
    };
    read().map(|network: IpNet| network.trunc()).ok_or_else(|| {
        format!(
            "`{}` is not a network; write an address (`10.1.2.3`) or a block (`10.0.0.0/8`, `fd00::/8`)",
            redacted(text)
        )
    })
}

/// Reads a list of networks.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let networks = Vec::<Network>::deserialize(deserializer)?;
    Ok(networks.into_iter().map(|network| network.0).collect())
}

/// Writes a list of networks, for the reference.
pub(super) fn serialize<S: Serializer>(networks: &[IpNet], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(networks.iter().map(IpNet::to_string))
}

/// One network of a list; its error is reported with its position.
struct Network(IpNet);

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse(&String::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_contains_its_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.9.9.9/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::/0", "2001:db8::1", "10.0.0.1"),
            ("0.0.0.0/0", "10.0.0.1", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("::ffff:10.0.0.0/104", "10.255.0.1", "11.0.0.1"),
        ] {
            let network = parse(network).unwrap();
            assert!(network.contains(&inside.parse::<IpAddr>().unwrap()), "{network} {inside}");
            assert!(!network.contains(&outside.parse::<IpAddr>().unwrap()), "{network} {outside}");
        }
    }

    #[test]
    fn other_text_is_refused_with_an_example() {
        for text in
            ["true", "10.0.0.0/33", "proxy.internal", "10.0.0.0/", "", "fd00::/129", "::ffff:10.0.0.0/8"]
        {
            assert!(parse(text).unwrap_err().contains("10.0.0.0/8"), "{text}");
        }
    }
}
