//! The two cookies of this server and the only way to write them (RFC 6265bis §4.1.3).

use super::fields::elements;
use ::entity::ids::WorkspaceId;
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

/// The cookies of one tenant under a public URL. Another tenant has other names, so that a browser may be signed in to
/// both, and one never receives the value of the other as its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookies {
    browser: String,
    session: String,
    is_https: bool,
}

impl Cookies {
    /// Builds the cookies of the workspace that is served at the root. The prefix `__Host-` and the attribute `Secure` are
    /// used exactly when the public URL is https, because many clients drop secure cookies of `http://localhost`.
    pub fn root(is_https: bool) -> Self {
        Self::with_suffix(is_https, "")
    }

    /// Builds the cookies of another workspace, whose id ends each name: the prefix `__Host-` allows no other path than
    /// `/`.
    pub fn of_workspace(is_https: bool, workspace: WorkspaceId) -> Self {
        Self::with_suffix(is_https, &format!("_{workspace}"))
    }

    fn with_suffix(is_https: bool, suffix: &str) -> Self {
        let prefix = if is_https { "__Host-" } else { "" };
        let name = |name| format!("{prefix}countersign_{name}{suffix}");
        Self { browser: name("browser"), session: name("session"), is_https }
    }

    /// Returns the name of `cookie`.
    pub fn name(&self, cookie: Cookie) -> &str {
        match cookie {
            Cookie::Browser => &self.browser,
            Cookie::Session => &self.session,
        }
    }

    /// Reads the value of `cookie`. Two different values mean that another party has set one of them, so none
    /// is used.
    pub fn read<'a>(&self, cookie: Cookie, headers: &'a HeaderMap) -> Option<&'a str> {
        let name = self.name(cookie);
        let pairs = elements(headers, header::COOKIE, b';').filter_map(|pair| pair?.split_once('='));
        let mut values = pairs.filter(|(its_name, _)| *its_name == name).map(|(_, value)| value);
        let first = values.next()?;
        values.all(|other| other == first).then_some(first).filter(|value| is_token(value))
    }

    /// Builds a `Set-Cookie` value that lives for `max_age`, or until the browser is closed. `None` when
    /// `value` has characters outside `[A-Za-z0-9_-]`.
    pub fn set(&self, cookie: Cookie, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
        let max_age = max_age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let written = format!("{}={value}{max_age}{}", self.name(cookie), self.attributes());
        is_token(value).then(|| HeaderValue::from_str(&written).ok()).flatten()
    }

    /// Builds a `Set-Cookie` value that removes the cookie.
    pub fn clear(&self, cookie: Cookie) -> HeaderValue {
        let written = format!("{}=; Max-Age=0{}", self.name(cookie), self.attributes());
        HeaderValue::from_str(&written).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Returns the attributes of every cookie.
    const fn attributes(&self) -> &'static str {
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
            Cookies::root(true).set(Cookie::Session, "abc", age).unwrap(),
            "__Host-countersign_session=abc; Max-Age=900; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            Cookies::root(false).set(Cookie::Browser, "abc", None).unwrap(),
            "countersign_browser=abc; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            Cookies::root(false).clear(Cookie::Session),
            "countersign_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn the_cookies_of_two_workspaces_have_different_names_and_each_reads_its_own() {
        let id = WorkspaceId(sea_orm::prelude::Uuid::from_u128(1));
        let (root, other) = (Cookies::root(true), Cookies::of_workspace(true, id));
        let name = "__Host-countersign_session_wsp_AAAAAAAAAAAAAAAAAAAAAQ";
        assert_eq!(other.name(Cookie::Session), name);
        let written = other.set(Cookie::Session, "abc", None).unwrap();
        assert_eq!(written, format!("{name}=abc; Path=/; Secure; HttpOnly; SameSite=Lax"));
        let headers = sent(&[&format!("__Host-countersign_session=ours; {name}=theirs")]);
        assert_eq!(root.read(Cookie::Session, &headers), Some("ours"));
        assert_eq!(other.read(Cookie::Session, &headers), Some("theirs"));
        assert_eq!(other.read(Cookie::Session, &sent(&["__Host-countersign_session=ours"])), None);
    }

    #[test]
    fn a_cookie_is_read_by_its_full_name() {
        let headers = sent(&["xcountersign_session=no; countersign_session=yes", "other=1"]);
        assert_eq!(Cookies::root(false).read(Cookie::Session, &headers), Some("yes"));
        assert_eq!(Cookies::root(true).read(Cookie::Session, &headers), None);
        assert_eq!(Cookies::root(false).read(Cookie::Browser, &headers), None);
    }

    #[test]
    fn a_cookie_of_another_application_in_other_bytes_hides_none_of_ours() {
        for foreign in ["name=J\u{fc}rgen".as_bytes(), b"name=\xff\xfe", b"\xe4=1"] {
            let line = [foreign, b"; countersign_session=mine; ", foreign].concat();
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(&line).unwrap())]);
            assert_eq!(Cookies::root(false).read(Cookie::Session, &headers), Some("mine"));
        }
        let ours = HeaderValue::from_bytes(b"countersign_session=mine\xff").unwrap();
        let headers = HeaderMap::from_iter([(header::COOKIE, ours)]);
        assert_eq!(Cookies::root(false).read(Cookie::Session, &headers), None);
    }

    #[test]
    fn two_different_values_count_as_absent() {
        let tossed = sent(&["countersign_session=mine; countersign_session=theirs"]);
        assert_eq!(Cookies::root(false).read(Cookie::Session, &tossed), None);
        let repeated = sent(&["countersign_session=mine", "countersign_session=mine"]);
        assert_eq!(Cookies::root(false).read(Cookie::Session, &repeated), Some("mine"));
    }

    #[test]
    fn only_tokens_are_read_and_written() {
        for value in ["", "a b", "a;b", "a\"b", "ä", &"a".repeat(513)] {
            assert!(Cookies::root(true).set(Cookie::Session, value, None).is_none(), "{value}");
        }
        assert_eq!(Cookies::root(false).read(Cookie::Session, &sent(&["countersign_session=a%20b"])), None);
    }
}
