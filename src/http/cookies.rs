//! The two cookies of this server and the only way to write them (RFC 6265bis §4.1.3).

use super::fields::elements;
use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// A cookie of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Binds a sign-in in progress to the browser.
    Browser,
    /// The session of a signed-in browser.
    Session,
}

/// The form of cookies under a public URL.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    is_https: bool,
}

impl Cookies {
    /// Uses the prefix `__Host-` and the attribute `Secure` exactly when the public URL is https, because
    /// many clients drop secure cookies of `http://localhost`.
    pub const fn new(is_https: bool) -> Self {
        Self { is_https }
    }

    /// Returns the name of `cookie` under this public URL.
    pub const fn name(self, cookie: Cookie) -> &'static str {
        match (cookie, self.is_https) {
            (Cookie::Browser, true) => "__Host-countersign_browser",
            (Cookie::Browser, false) => "countersign_browser",
            (Cookie::Session, true) => "__Host-countersign_session",
            (Cookie::Session, false) => "countersign_session",
        }
    }

    /// Reads the value of `cookie`. Two different values mean that another party has set one of them, so none
    /// is used.
    pub fn read(self, cookie: Cookie, headers: &HeaderMap) -> Option<&str> {
        let name = self.name(cookie);
        let pairs = elements(headers, header::COOKIE, b';').filter_map(|pair| pair?.split_once('='));
        let mut values = pairs.filter(|(its_name, _)| *its_name == name).map(|(_, value)| value);
        let first = values.next()?;
        values.all(|other| other == first).then_some(first).filter(|value| is_token(value))
    }

    /// Builds a `Set-Cookie` value that lives for `max_age`, or until the browser is closed. `None` when
    /// `value` has characters outside `[A-Za-z0-9_-]`.
    pub fn set(self, cookie: Cookie, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
        let max_age = max_age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let written = format!("{}={value}{max_age}{}", self.name(cookie), self.attributes());
        is_token(value).then(|| HeaderValue::from_str(&written).ok()).flatten()
    }

    /// Builds a `Set-Cookie` value that removes the cookie.
    pub fn clear(self, cookie: Cookie) -> HeaderValue {
        let written = format!("{}=; Max-Age=0{}", self.name(cookie), self.attributes());
        HeaderValue::from_str(&written).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Returns the attributes of every cookie.
    const fn attributes(self) -> &'static str {
        if self.is_https {
            "; Path=/; Secure; HttpOnly; SameSite=Lax"
        } else {
            "; Path=/; HttpOnly; SameSite=Lax"
        }
    }
}

/// Returns the SHA-256 of a cookie's value, as stored.
pub fn token_hash(value: &str) -> Vec<u8> {
    digest(&SHA256, value.as_bytes()).as_ref().to_vec()
}

/// Whether `value` is a token of this server: 1 to 512 characters without a meaning in cookies.
fn is_token(value: &str) -> bool {
    (1..=512).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, line.parse().unwrap())).collect()
    }

    #[test]
    fn secure_and_the_host_prefix_are_used_exactly_with_https() {
        let age = Some(Duration::from_secs(900));
        assert_eq!(
            Cookies::new(true).set(Cookie::Session, "abc", age).unwrap(),
            "__Host-countersign_session=abc; Max-Age=900; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            Cookies::new(false).set(Cookie::Browser, "abc", None).unwrap(),
            "countersign_browser=abc; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            Cookies::new(false).clear(Cookie::Session),
            "countersign_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_cookie_is_read_by_its_full_name() {
        let headers = sent(&["xcountersign_session=no; countersign_session=yes", "other=1"]);
        assert_eq!(Cookies::new(false).read(Cookie::Session, &headers), Some("yes"));
        assert_eq!(Cookies::new(true).read(Cookie::Session, &headers), None);
        assert_eq!(Cookies::new(false).read(Cookie::Browser, &headers), None);
    }

    #[test]
    fn a_cookie_of_another_application_in_other_bytes_hides_none_of_ours() {
        for foreign in ["name=J\u{fc}rgen".as_bytes(), b"name=\xff\xfe", b"\xe4=1"] {
            let line = [foreign, b"; countersign_session=mine; ", foreign].concat();
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(&line).unwrap())]);
            assert_eq!(Cookies::new(false).read(Cookie::Session, &headers), Some("mine"));
        }
        let ours = HeaderValue::from_bytes(b"countersign_session=mine\xff").unwrap();
        let headers = HeaderMap::from_iter([(header::COOKIE, ours)]);
        assert_eq!(Cookies::new(false).read(Cookie::Session, &headers), None);
    }

    #[test]
    fn two_different_values_count_as_absent() {
        let tossed = sent(&["countersign_session=mine; countersign_session=theirs"]);
        assert_eq!(Cookies::new(false).read(Cookie::Session, &tossed), None);
        let repeated = sent(&["countersign_session=mine", "countersign_session=mine"]);
        assert_eq!(Cookies::new(false).read(Cookie::Session, &repeated), Some("mine"));
    }

    #[test]
    fn only_tokens_are_read_and_written() {
        for value in ["", "a b", "a;b", "a\"b", "ä", &"a".repeat(513)] {
            assert!(Cookies::new(true).set(Cookie::Session, value, None).is_none(), "{value}");
        }
        assert_eq!(Cookies::new(false).read(Cookie::Session, &sent(&["countersign_session=a%20b"])), None);
    }
}
