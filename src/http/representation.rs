//! Bytes that are the same for every client: metadata, key sets, style sheets. Computed once.

use super::fields::known_tags;
use crate::digest::sha256;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::body::Bytes;
use poem::{Endpoint, Request, Response, Result};

/// A body with its media type, its validator and its cache lifetime.
#[derive(Clone, Debug)]
pub struct Representation {
    bytes: Bytes,
    content_type: HeaderValue,
    cache_control: HeaderValue,
    etag: HeaderValue,
}

/// How long a response may be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Shared caches may keep it for this many seconds, then revalidate.
    Seconds(u32),
    /// Shared caches may keep it for ever: the address changes with the content.
    Immutable,
    /// Shared caches may keep it, but must revalidate every time.
    Revalidate,
}

impl Caching {
    /// Returns the value of `Cache-Control`.
    fn header(self) -> HeaderValue {
        let text = match self {
            Self::Seconds(seconds) => format!("public, max-age={seconds}"),
            Self::Immutable => "public, max-age=31536000, immutable".to_owned(),
            Self::Revalidate => "public, no-cache".to_owned(),
        };
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("no-store"))
    }
}

impl Representation {
    /// Builds a representation and computes its entity tag.
    pub fn new(content_type: &'static str, bytes: impl Into<Bytes>, caching: Caching) -> Self {
        let bytes = bytes.into();
        let hash = sha256(&bytes);
        let short = hash.get(..12).unwrap_or_default();
        let etag = HeaderValue::from_str(&format!("\"{}\"", URL_SAFE_NO_PAD.encode(short)));
        Self {
            bytes,
            content_type: HeaderValue::from_static(content_type),
            cache_control: caching.header(),
            etag: etag.unwrap_or_else(|_| HeaderValue::from_static("\"\"")),
        }
    }

    /// Returns the bytes, or 304 if the client has them already (RFC 9110 §13.1.2).
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = Response::builder()
            .header(header::ETAG, self.etag.clone())
            .header(header::CACHE_CONTROL, self.cache_control.clone());
        if self.is_known(headers) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        response = response.header(header::CONTENT_TYPE, self.content_type.clone());
        response.body(self.bytes.clone())
    }

    /// Whether `If-None-Match` contains this representation, by weak comparison.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        known_tags(headers).any(|tag| tag == "*" || tag.as_bytes() == self.etag.as_bytes())
    }
}

impl Endpoint for Representation {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        Ok(self.answer(request.headers()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_has_the_bytes_gets_304() {
        let metadata = Representation::new("application/json", "{}", Caching::Seconds(300));
        let first = metadata.answer(&HeaderMap::new());
        assert_eq!(
            (first.status(), first.header("cache-control")),
            (StatusCode::OK, Some("public, max-age=300"))
        );
        let tag = first.header("etag").unwrap();
        for (line, expected) in [
            (tag.to_owned(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"other\", {tag}"), 304),
            ("*".to_owned(), 304),
            (format!("\"J\u{fc}rgen\", {tag}"), 304),
            ("\"other\"".to_owned(), 200),
            (tag.trim_matches('"').to_owned(), 200),
        ] {
            let headers = HeaderMap::from_iter([(
                header::IF_NONE_MATCH,
                HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            )]);
            let answer = metadata.answer(&headers);
            assert_eq!(answer.status().as_u16(), expected, "{line}");
            assert_eq!(answer.header("etag"), Some(tag));
        }
    }

    #[test]
    fn different_bytes_have_different_validators() {
        let tag = |bytes: &'static str| {
            let made = Representation::new("text/css", bytes, Caching::Immutable);
            made.answer(&HeaderMap::new()).header("etag").unwrap().to_owned()
        };
        assert_ne!(tag("a{}"), tag("b{}"));
        assert_eq!(tag("a{}"), tag("a{}"));
    }
}
