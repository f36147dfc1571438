//! Checks of a request's head before its handler is chosen (RFC 9110 §4.1, §5.4, §7.2; RFC 9112 §3.2).

use super::{
    fields::{Single, single},
    host::Host,
};
use crate::limits::sizes::{MAX_HEADER_BYTES, MAX_HEADER_COUNT, MAX_URL_BYTES};
use http::{HeaderMap, Method, StatusCode, Version, header};
use poem::Request;

/// Returns the status that refuses a head; `None` if it is acceptable.
pub(super) fn refusal(request: &Request) -> Option<StatusCode> {
    let (headers, uri) = (request.headers(), request.uri());
    let url_length = uri.path_and_query().map_or(0, |text| text.as_str().len());
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if url_length > MAX_URL_BYTES {
        Some(StatusCode::URI_TOO_LONG)
    } else if headers.len() > MAX_HEADER_COUNT || size > MAX_HEADER_BYTES {
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else if !names_its_host(headers, request.version()) || !is_target(request) {
        Some(StatusCode::BAD_REQUEST)
    } else {
        None
    }
}

/// Whether a request addresses the server as a whole (`OPTIONS *`, RFC 9110 §9.3.7).
pub(super) fn is_ping(request: &Request) -> bool {
    *request.method() == Method::OPTIONS && request.uri().path() == "*"
}

/// `Host` exactly once and well-formed: a proxy could read a malformed value as another host and be misled.
fn names_its_host(headers: &HeaderMap, version: Version) -> bool {
    match single(headers, header::HOST) {
        Single::Absent => version != Version::HTTP_11,
        Single::Text(host) => Host::parse(host).is_some(),
        Single::Unusable => false,
    }
}

/// Whether the form of the target fits the method: a path, or `*` for OPTIONS. `connection` has reduced
/// absolute URLs to paths; an authority alone is for CONNECT.
fn is_target(request: &Request) -> bool {
    let uri = request.uri();
    uri.authority().is_none() && (uri.path() != "*" || is_ping(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(url_length: usize, fields: usize, value_length: usize, hosts: usize) -> Option<u16> {
        let mut request = Request::builder().uri_str(format!("/{}", "a".repeat(url_length - 1))).finish();
        for host in 0..hosts {
            request.headers_mut().append("host", format!("h{host}").parse().unwrap());
        }
        for _ in 0..fields {
            request.headers_mut().append("x", "a".repeat(value_length).parse().unwrap());
        }
        refusal(&request).map(|status| status.as_u16())
    }

    #[test]
    fn each_limit_applies_exactly() {
        assert_eq!(refusal_of(8192, 0, 0, 1), None);
        assert_eq!(refusal_of(8193, 0, 0, 1), Some(414));
        assert_eq!(refusal_of(1, 99, 1, 1), None);
        assert_eq!(refusal_of(1, 100, 1, 1), Some(431));
        assert_eq!(refusal_of(1, 1, 16_000, 1), None);
        assert_eq!(refusal_of(1, 1, 16_384, 1), Some(431));
    }

    #[test]
    fn http_1_1_requires_exactly_one_host() {
        assert_eq!(refusal_of(1, 0, 0, 1), None);
        assert_eq!(refusal_of(1, 0, 0, 0), Some(400));
        assert_eq!(refusal_of(1, 0, 0, 2), Some(400));
    }

    fn refusal_to(method: Method, target: &str, host: &str) -> Option<u16> {
        let request = Request::builder().method(method).uri(target.parse().unwrap()).header("host", host);
        refusal(&request.finish()).map(|status| status.as_u16())
    }

    #[test]
    fn a_malformed_host_is_refused() {
        for host in ["id.example", "id.example:8080", "[::1]:8080", "192.0.2.1", "a_b.example", ""] {
            assert_eq!(refusal_to(Method::GET, "/", host), None, "{host}");
        }
        for host in ["a b", "a/b", "ada@id.example", "id.example, evil.example", "id.example:http", "[::1"] {
            assert_eq!(refusal_to(Method::GET, "/", host), Some(400), "{host}");
        }
    }

    #[test]
    fn the_target_is_a_path_or_for_options_a_star() {
        for (method, target, expected) in [
            (Method::GET, "/token", None),
            (Method::OPTIONS, "*", None),
            (Method::GET, "*", Some(400)),
            (Method::GET, "id.example:8080", Some(400)),
        ] {
            assert_eq!(refusal_to(method.clone(), target, "id.example"), expected, "{method} {target}");
        }
    }
}
