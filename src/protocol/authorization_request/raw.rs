//! An authorization request as received. Its client is unknown, so no redirect can answer it.

use super::Unaddressable;
use crate::protocol::{OAuthError, parameters::Parameters};

/// The parameters of the authorization endpoint; others are ignored (RFC 6749 §3.1).
const KNOWN: &[&str] = &[
    "acr_values",
    "claims",
    "claims_locales",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "display",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];

/// An authorization request before the lookup of its client. It cannot be answered by a redirect.
#[derive(Clone, Debug)]
pub struct RawAuthorizationRequest(Parameters);

impl RawAuthorizationRequest {
    /// Collects the known parameters from decoded names and values.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Parameters::collect(KNOWN, pairs))
    }

    /// Returns the id of the client to look up.
    pub fn client_id(&self) -> Result<&str, Unaddressable> {
        if self.is_repeated("client_id") {
            return Err(Unaddressable::ClientIdRepeated);
        }
        self.get("client_id").ok_or(Unaddressable::ClientIdMissing)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    pub(super) fn is_repeated(&self, name: &str) -> bool {
        self.0.is_repeated(name)
    }

    pub(super) fn refuse_repeated(&self) -> Result<(), OAuthError> {
        self.0.refuse_repeated()
    }
}
