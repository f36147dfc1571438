//! The response to an authorization request: a code or an error, sent through the browser.

use super::{RedirectUri, form::encode};
use crate::directory::Client;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a response is delivered (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
    /// In the fragment of a redirect, which browsers do not send to servers.
    Fragment,
}

impl ResponseMode {
    /// All modes, in the order in which discovery lists them.
    pub const ALL: [Self; 3] = [Self::Query, Self::FormPost, Self::Fragment];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
            Self::Fragment => "fragment",
        }
    }

    /// Reads the name; `None` when it is unknown.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }

    /// Whether `client` can read such a response. A fragment is readable by programs on the person's own
    /// machine, which are public clients; a server would never receive it.
    pub fn is_open_to(self, client: &Client) -> bool {
        self != Self::Fragment || client.is_public()
    }
}

/// A response that may be sent to the client. Only an addressed request can create one.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    redirect_uri: RedirectUri,
    response_mode: ResponseMode,
    parameters: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    pub(super) const fn new(
        redirect_uri: RedirectUri,
        response_mode: ResponseMode,
        parameters: Vec<(&'static str, String)>,
    ) -> Self {
        Self { redirect_uri, response_mode, parameters }
    }

    /// Returns the destination; in form post mode, the form's `action`.
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// Returns the mode of delivery.
    pub const fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// Returns the `Location` of the redirect in query and fragment mode.
    pub fn location(&self) -> String {
        if self.response_mode == ResponseMode::Fragment {
            return format!("{}#{}", self.redirect_uri.as_str(), encode_pairs(&self.parameters));
        }
        let mut location = append_query(self.redirect_uri.as_str(), &self.parameters);
        // A browser copies the fragment of the authorization URL to a Location without one, and with it
        // parameters that an attacker may have written. An empty fragment prevents this. An app's own scheme
        // is left unchanged.
        if self.redirect_uri.is_web() {
            location.push('#');
        }
        location
    }

    /// Returns the names and values of the hidden fields in form post mode.
    pub fn form_fields(&self) -> &[(&'static str, String)] {
        &self.parameters
    }
}

/// Appends parameters to the query of `uri`; an existing query is kept (RFC 6749 §3.1.2).
pub(super) fn append_query(uri: &str, parameters: &[(&'static str, String)]) -> String {
    if parameters.is_empty() {
        return uri.to_owned();
    }
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{separator}{}", encode_pairs(parameters))
}

fn encode_pairs(parameters: &[(&'static str, String)]) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    pairs.join("&")
}

/// Shows the names only: the codes are secrets.
impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("redirect_uri", &self.redirect_uri)
            .field("response_mode", &self.response_mode)
            .field("parameters", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::{OAuthReason, RedirectUri, ResponseMode, ReturnAddress, State, form_pairs};
    use proptest::prelude::*;

    const ISSUER: &str = "https://id.example";

    fn address(redirect_uri: &str, state: Option<&str>) -> ReturnAddress {
        ReturnAddress {
            redirect_uri: RedirectUri::parse(redirect_uri).unwrap(),
            response_mode: ResponseMode::Query,
            state: state.map(|state| State::parse(state).unwrap()),
        }
    }

    fn location(redirect_uri: &str, state: Option<&str>) -> String {
        address(redirect_uri, state).refuse(&OAuthReason::PersonDeclined.into(), ISSUER).location()
    }

    #[test]
    fn the_query_of_the_redirect_uri_is_kept() {
        let answer =
            "error=access_denied&error_description=the%20person%20declined&iss=https%3A%2F%2Fid.example";
        for (redirect_uri, expected) in [
            ("https://rp.example/cb", format!("https://rp.example/cb?{answer}#")),
            ("https://rp.example/cb?a=b", format!("https://rp.example/cb?a=b&{answer}#")),
            ("https://rp.example/cb?", format!("https://rp.example/cb?{answer}#")),
            ("https://rp.example/cb?a=b&", format!("https://rp.example/cb?a=b&{answer}#")),
            ("com.example.app:/cb", format!("com.example.app:/cb?{answer}")),
        ] {
            assert_eq!(location(redirect_uri, None), expected);
        }
    }

    #[test]
    fn a_fragment_carries_the_same_answer_and_the_query_stays_as_it_is() {
        let answer = "error=access_denied&error_description=the%20person%20declined&state=s&iss=https%3A%2F%2Fid.example";
        for uri in ["https://rp.example/cb", "https://rp.example/cb?a=b", "com.example.app:/cb"] {
            let address = ReturnAddress { response_mode: ResponseMode::Fragment, ..address(uri, Some("s")) };
            let refused = address.refuse(&OAuthReason::PersonDeclined.into(), ISSUER);
            assert_eq!(refused.location(), format!("{uri}#{answer}"));
        }
    }

    #[test]
    fn a_state_is_returned_when_sent_and_never_invented() {
        assert!(location("https://rp.example/cb", Some("a-._~b")).contains("&state=a-._~b&"));
        assert!(!location("https://rp.example/cb", None).contains("state"));
    }

    #[test]
    fn form_post_carries_the_same_fields() {
        let answer =
            address("https://rp.example/cb", Some("<\">")).refuse(&OAuthReason::LoginRequired.into(), ISSUER);
        let names: Vec<_> = answer.form_fields().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["error", "error_description", "state", "iss"]);
        assert_eq!(answer.form_fields()[2].1, "<\">");
    }

    proptest! {
        #[test]
        fn a_state_comes_back_byte_for_byte(state in "\\PC{1,300}") {
            let location = location("https://rp.example/cb?state=mine&x", Some(&state));
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
            let (_, query) = location.trim_end_matches('#').split_once('?').unwrap();
            let returned = form_pairs(query).unwrap().into_iter().filter(|(name, _)| name == "state").nth(1);
            prop_assert_eq!(returned, Some(("state".to_owned(), state)));
        }
    }
}
