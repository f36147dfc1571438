//! What a request's head must be before anyone looks at what it asks (RFC 9110 §4.1, §5.4, §7.2).

use http::{Method, StatusCode, Version, header};
use poem::Request;

/// The longest path and query.
const LONGEST_URL: usize = 8 * 1024;
/// All fields together, names and values.
const LARGEST_FIELDS: usize = 16 * 1024;
/// How many fields.
const MOST_FIELDS: usize = 100;

/// Why a head is refused, and with which status.
pub(super) fn refusal(request: &Request) -> Option<StatusCode> {
    let (headers, uri) = (request.headers(), request.uri());
    let url_length = uri.path_and_query().map_or(0, |text| text.as_str().len());
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let hosts = headers.get_all(header::HOST).iter().count();
    if url_length > LONGEST_URL {
        Some(StatusCode::URI_TOO_LONG)
    } else if headers.len() > MOST_FIELDS || size > LARGEST_FIELDS {
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else if request.version() == Version::HTTP_11 && hosts != 1 || hosts > 1 {
        Some(StatusCode::BAD_REQUEST)
    } else if *request.method() == Method::CONNECT || *request.method() == Method::TRACE {
        Some(StatusCode::METHOD_NOT_ALLOWED)
    } else {
        None
    }
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
    fn each_bound_holds_at_its_edge() {
        assert_eq!(refusal_of(8192, 0, 0, 1), None);
        assert_eq!(refusal_of(8193, 0, 0, 1), Some(414));
        assert_eq!(refusal_of(1, 99, 1, 1), None);
        assert_eq!(refusal_of(1, 100, 1, 1), Some(431));
        assert_eq!(refusal_of(1, 1, 16_000, 1), None);
        assert_eq!(refusal_of(1, 1, 16_384, 1), Some(431));
    }

    #[test]
    fn http_1_1_names_exactly_one_host() {
        assert_eq!(refusal_of(1, 0, 0, 1), None);
        assert_eq!(refusal_of(1, 0, 0, 0), Some(400));
        assert_eq!(refusal_of(1, 0, 0, 2), Some(400));
    }
}
