//! Name and port in a `Host` header (RFC 9110 §7.2, RFC 3986 §3.2).

use std::net::Ipv6Addr;

/// A well-formed host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Host<'a> {
    /// The name or address; IPv6 with its brackets.
    pub name: &'a str,
    /// The digits after the colon, if any.
    pub port: Option<&'a str>,
}

impl<'a> Host<'a> {
    /// Reads a host without user information; an empty host is well-formed.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (text, ""),
        };
        let is_port = port.is_empty() || port.parse::<u16>().is_ok_and(|_| !port.starts_with('+'));
        let is_host = (is_literal(name) || name.bytes().all(is_of_name)) && is_port;
        is_host.then_some(Self { name, port: Some(port).filter(|port| !port.is_empty()) })
    }
}

/// Whether `name` is an IPv6 address in brackets.
fn is_literal(name: &str) -> bool {
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Whether a byte is allowed in `reg-name`: unreserved, sub-delims or `%`.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for (text, name, port) in [
            ("id.example", "id.example", None),
            ("id.example:", "id.example", None),
            ("id.example:8080", "id.example", Some("8080")),
            ("[::1]", "[::1]", None),
            ("[2001:db8::1]:80", "[2001:db8::1]", Some("80")),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", None),
            ("", "", None),
        ] {
            assert_eq!(Host::parse(text), Some(Host { name, port }), "{text}");
        }
    }

    #[test]
    fn an_ambiguous_text_is_no_host() {
        for text in [
            "a b",
            "a/b",
            "ada@id.example",
            "id.example, evil.example:80",
            "id.example:80:90",
            "id.example:99999",
            "id.example:+80",
            "id.example:http",
            "::1",
            "[::1",
            "[localhost]",
            "id.example#",
            "<script>",
            "b\u{fc}cher.example",
        ] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}
