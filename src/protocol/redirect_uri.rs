//! Redirect URIs: the comparison with the registered ones (RFC 9700 §4.1.3, RFC 8252 §7.3).

use super::{checked_text::checked_text, registrable_uri::find_problem};

checked_text! {
    /// A redirect URI that equals a registered one of the client.
    #[derive(Debug)]
    RedirectUri, |text: &str| find_problem(text).is_none()
}

impl RedirectUri {
    /// Returns the requested URI if it is registered: equal byte for byte, except for the port of a loopback
    /// address. A URI that could not be registered (an invalid port, a host that only begins like a loopback
    /// address) never matches.
    pub fn matching(requested: &str, registered: &[String]) -> Option<Self> {
        let is_registered = registered.iter().any(|registered| is_same(requested, registered));
        is_registered.then(|| Self::parse(requested)).flatten()
    }

    /// Whether a program on the person's device receives the response: by a loopback address, or by a private-use scheme
    /// (RFC 8252 §7.1, §7.3). Any other program there may receive it instead.
    pub fn is_of_installed_app(&self) -> bool {
        // `http` may be registered for loopback addresses only.
        !self.0.starts_with("https:")
    }

    /// Whether it is an `http` or `https` address, which a browser opens itself.
    pub fn is_web(&self) -> bool {
        self.0.starts_with("https:") || self.0.starts_with("http:")
    }
}

fn is_same(requested: &str, registered: &str) -> bool {
    if requested == registered {
        return true;
    }
    // RFC 8252 §7.3: the operating system chooses the port. The exception does not apply to `localhost`.
    match (loopback(requested), loopback(registered)) {
        (Some(requested), Some(registered)) => requested == registered,
        _ => false,
    }
}

/// Returns the origin without its port, and the rest, if `uri` is an `http` URI of a loopback address.
fn loopback(uri: &str) -> Option<(&'static str, &str)> {
    let origin = ["http://127.0.0.1", "http://[::1]"].into_iter().find(|origin| uri.starts_with(origin))?;
    let after_host = uri.strip_prefix(origin)?;
    let after_port = after_host
        .strip_prefix(':')
        .map_or(after_host, |port| port.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    Some((origin, after_port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::redirect_uri_corpus::{HOSTILE, REGISTERED};
    use proptest::prelude::*;

    fn registered() -> Vec<String> {
        REGISTERED.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_registered_uri_matches_itself() {
        for uri in REGISTERED {
            assert_eq!(RedirectUri::matching(uri, &registered()).map(String::from).as_deref(), Some(*uri));
        }
    }

    #[test]
    fn no_hostile_uri_matches() {
        assert!(HOSTILE.len() >= 150, "{}", HOSTILE.len());
        for uri in HOSTILE {
            assert_eq!(RedirectUri::matching(uri, &registered()), None, "{uri:?}");
        }
    }

    #[test]
    fn a_loopback_address_and_a_private_scheme_lead_to_an_installed_app() {
        for (uri, expected) in [
            ("http://127.0.0.1:5001/cb", true),
            ("http://[::1]/cb", true),
            ("http://localhost:3000/cb", true),
            ("com.example.app:/cb", true),
            ("https://app.example.com/cb", false),
        ] {
            let uri = RedirectUri::matching(uri, &[uri.to_owned()]).unwrap();
            assert_eq!(uri.is_of_installed_app(), expected, "{uri:?}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        let registered = ["http://127.0.0.1/cb".to_owned(), "http://[::1]:9000/cb?x=1".to_owned()];
        for same in [
            "http://127.0.0.1/cb",
            "http://127.0.0.1:1/cb",
            "http://127.0.0.1:65535/cb",
            "http://[::1]/cb?x=1",
        ] {
            assert!(RedirectUri::matching(same, &registered).is_some(), "{same}");
        }
        for other in [
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:080/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:80:80/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:80/cb/",
            "http://127.0.0.1:80/",
            "http://127.0.0.1:80",
            "https://127.0.0.1:80/cb",
            "http://localhost:80/cb",
            "http://127.1:80/cb",
            "http://127.0.0.2:80/cb",
            "http://[::1]:80/cb",
            "http://2130706433:80/cb",
            "http://127.0.0.1:80/cb#x",
            "http://127.0.0.1:80/cb?x",
            "HTTP://127.0.0.1:80/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:8 0/cb",
            "http://127.0.0.1:80\\@evil.example/cb",
            "http://[::1]:80/cb?x=2",
            "http://[::ffff:127.0.0.1]:80/cb",
        ] {
            assert!(RedirectUri::matching(other, &registered).is_none(), "{other}");
        }
        let localhost = ["http://localhost:3000/cb".to_owned()];
        assert!(RedirectUri::matching("http://localhost:3000/cb", &localhost).is_some());
        assert!(RedirectUri::matching("http://localhost:3001/cb", &localhost).is_none());
    }

    proptest! {
        #[test]
        fn a_uri_matches_exactly_when_it_is_equal(text in ".{0,60}", cut in 0..40_usize) {
            let registered = ["https://rp.example/cb?tenant=1".to_owned()];
            let start: String = registered[0].chars().take(cut).collect();
            for requested in [text.clone(), format!("{start}{text}")] {
                let matches = RedirectUri::matching(&requested, &registered).is_some();
                prop_assert_eq!(matches, requested == registered[0]);
            }
        }

        #[test]
        fn any_port_of_a_loopback_address_matches_and_no_other_number(port in 0..200_000_u32) {
            let registered = ["http://127.0.0.1/cb".to_owned()];
            let requested = format!("http://127.0.0.1:{port}/cb");
            let matches = RedirectUri::matching(&requested, &registered).is_some();
            prop_assert_eq!(matches, (1..=65_535).contains(&port));
        }
    }
}
