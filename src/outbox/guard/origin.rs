use crate::{config::redacted, fault::Cause};
use std::str::FromStr;
use url::Url;

/// A scheme, host and port (RFC 6454 §4) that the operator has allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(url::Origin);

impl Origin {
    /// Whether `url` has exactly this origin.
    pub fn holds(&self, url: &Url) -> bool {
        url.origin() == self.0
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.ascii_serialization())
    }
}

/// The text is not an origin, or contains more than one.
#[derive(Debug, thiserror::Error)]
#[error(
    "expected an origin such as https://push.example.com or http://localhost:9000 and nothing after it, got `{}`",
    redacted(.0)
)]
pub struct MalformedOrigin(String);

impl From<MalformedOrigin> for Cause {
    fn from(error: MalformedOrigin) -> Self {
        Self::of(&error)
    }
}

impl FromStr for Origin {
    type Err = MalformedOrigin;

    fn from_str(text: &str) -> Result<Self, MalformedOrigin> {
        let malformed = || MalformedOrigin(text.to_owned());
        let url = Url::parse(text).map_err(|_| malformed())?;
        let is_origin_alone = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if is_origin_alone { Ok(Self(url.origin())) } else { Err(malformed()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_contains_only_its_own_urls() {
        let origin: Origin = "http://localhost:9000".parse().unwrap();
        let holds = |text: &str| origin.holds(&Url::parse(text).unwrap());
        for inside in ["http://localhost:9000", "http://LOCALHOST:9000/push/1?x#y"] {
            assert!(holds(inside), "{inside}");
        }
        for outside in [
            "https://localhost:9000/",
            "http://localhost/",
            "http://localhost:9001/",
            "http://127.0.0.1:9000/",
            "http://localhost.:9000/",
            "http://localhost:9000.evil.example/",
        ] {
            assert!(!Url::parse(outside).is_ok_and(|url| origin.holds(&url)), "{outside}");
        }
        assert_eq!(origin.to_string(), "http://localhost:9000");
    }

    #[test]
    fn a_text_that_is_not_an_origin_is_refused() {
        assert_eq!(
            "https://push.example:443/".parse::<Origin>().unwrap().to_string(),
            "https://push.example"
        );
        for text in [
            "",
            "localhost:9000",
            "https://",
            "https://a/path",
            "https://a?q",
            "https://a#f",
            "https://u@a",
            "ftp://a",
            "file:///",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
