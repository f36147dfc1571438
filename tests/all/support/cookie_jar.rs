//! The cookies of one browser profile (RFC 6265bis).
//!
//! Cookies never expire by age, so that tests show whether the server enforces lifetimes itself.

use http::{HeaderMap, header};
use std::collections::BTreeMap;
use url::Url;

/// The initiator of a request, which decides about cookies and fetch metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// Typed into the address bar, or followed from a bookmark.
    Person,
    /// A page of the same origin.
    SameOrigin,
    /// A page of another site.
    CrossSite,
}

#[derive(Clone, Debug)]
struct Cookie {
    value: String,
    path: String,
    same_site: String,
}

/// The cookies by host and name. Cookies do not depend on the port (RFC 6265 §8.5).
#[derive(Clone, Debug, Default)]
pub struct CookieJar(BTreeMap<(String, String), Cookie>);

impl CookieJar {
    /// Stores the cookies of a response from `url`; panics for a cookie that a browser refuses.
    pub fn take(&mut self, url: &Url, headers: &HeaderMap) {
        let host = url.host_str().unwrap_or_default().to_owned();
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a cookie is text");
            let mut parts = line.split(';').map(str::trim);
            let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("name=value");
            let attributes: BTreeMap<String, &str> = parts
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect();
            if name.starts_with("__Host-") {
                let is_whole = attributes.contains_key("secure")
                    && attributes.get("path") == Some(&"/")
                    && !attributes.contains_key("domain");
                assert!(is_whole, "a browser refuses {line}: __Host- wants Secure, Path=/ and no Domain");
            }
            assert!(!attributes.contains_key("domain"), "{line} would reach other hosts");
            let key = (host.clone(), name.to_owned());
            let is_gone = attributes.get("max-age").is_some_and(|age| age.starts_with('-') || *age == "0")
                || attributes.get("expires").is_some_and(|date| date.contains("1970"));
            if is_gone {
                self.0.remove(&key);
                continue;
            }
            let path = attributes.get("path").map_or("/", |path| *path).to_owned();
            let same_site = attributes.get("samesite").map_or("Lax", |rule| *rule).to_owned();
            self.0.insert(key, Cookie { value: value.to_owned(), path, same_site });
        }
    }

    /// The `Cookie` header for a navigation to `url`, or nothing.
    pub fn header_for(&self, url: &Url, method: &http::Method, initiator: Initiator) -> Option<String> {
        let host = url.host_str().unwrap_or_default();
        let cookies: Vec<String> = self
            .0
            .iter()
            .filter(|((of, _), cookie)| of == host && lies_under(url.path(), &cookie.path))
            .filter(|(_, cookie)| may_travel(&cookie.same_site, method, initiator))
            .map(|((_, name), cookie)| format!("{name}={}", cookie.value))
            .collect();
        (!cookies.is_empty()).then(|| cookies.join("; "))
    }

    /// The value of the cookie `name` of any host.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|((_, each), _)| each == name).map(|(_, cookie)| cookie.value.as_str())
    }

    /// Forgets the cookie `name`, as a person who clears it.
    pub fn forget(&mut self, name: &str) {
        self.0.retain(|(_, each), _| each != name);
    }
}

fn lies_under(path: &str, cookie_path: &str) -> bool {
    match path.strip_prefix(cookie_path) {
        Some(rest) => cookie_path.ends_with('/') || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// A cross-site POST brings no Lax cookie, and no cross-site request brings a Strict one.
fn may_travel(same_site: &str, method: &http::Method, initiator: Initiator) -> bool {
    match (initiator, same_site) {
        (Initiator::Person | Initiator::SameOrigin, _) | (_, "None") => true,
        (Initiator::CrossSite, "Lax") => method == http::Method::GET,
        (Initiator::CrossSite, _) => false,
    }
}

mod tests {
    use super::*;
    use http::Method;

    fn jar(lines: &[&str]) -> CookieJar {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::SET_COOKIE, line.parse().expect("a header"));
        }
        let mut jar = CookieJar::default();
        jar.take(&url("/"), &headers);
        jar
    }

    fn url(path: &str) -> Url {
        Url::parse("http://localhost:8080").and_then(|url| url.join(path)).expect("a URL")
    }

    #[test]
    fn a_cookie_goes_where_its_path_and_its_site_rule_let_it() {
        let jar = jar(&[
            "l=1; Path=/; SameSite=Lax",
            "s=2; Path=/a; SameSite=Strict",
            "n=3; SameSite=None; Secure",
        ]);
        let cases = [
            ("/a/b", Method::POST, Initiator::SameOrigin, Some("l=1; n=3; s=2")),
            ("/ab", Method::GET, Initiator::Person, Some("l=1; n=3")),
            ("/a", Method::GET, Initiator::CrossSite, Some("l=1; n=3")),
            ("/a", Method::POST, Initiator::CrossSite, Some("n=3")),
        ];
        for (path, method, initiator, expected) in cases {
            assert_eq!(
                jar.header_for(&url(path), &method, initiator).as_deref(),
                expected,
                "{path} {method}"
            );
        }
        let elsewhere = Url::parse("http://other.example/").expect("a URL");
        assert_eq!(jar.header_for(&elsewhere, &Method::GET, Initiator::Person), None);
    }

    #[test]
    fn a_cookie_with_no_age_left_is_forgotten() {
        let mut jar = jar(&["a=1; Path=/", "b=2; Path=/"]);
        assert_eq!(jar.value("a"), Some("1"));
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, "a=; Path=/; Max-Age=0".parse().expect("a header"));
        jar.take(&url("/"), &headers);
        assert_eq!((jar.value("a"), jar.value("b")), (None, Some("2")));
        jar.forget("b");
        assert_eq!(jar.value("b"), None);
    }

    #[test]
    #[should_panic(expected = "__Host-")]
    fn a_host_cookie_without_secure_is_refused() {
        jar(&["__Host-a=1; Path=/"]);
    }
}
