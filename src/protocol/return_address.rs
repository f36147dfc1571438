//! Where an answer may go: a redirect URI that was found registered, and how to get there.

use super::{AuthorizationResponse, OAuthError, RedirectUri, ResponseMode, State};
use serde::{Deserialize, Serialize};

/// The address of every answer to one authorization request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnAddress {
    /// One of the client's registered URIs.
    pub redirect_uri: RedirectUri,
    /// In the query or the fragment, or by a form.
    pub response_mode: ResponseMode,
    /// What the client wants back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

impl ReturnAddress {
    /// The answer that carries an error (RFC 6749 §4.1.2.1).
    pub fn refuse(&self, error: &OAuthError, issuer: &str) -> AuthorizationResponse {
        let code = error.code().as_str().to_owned();
        self.answer(vec![("error", code), ("error_description", error.description())], issuer)
    }

    /// Every answer names its issuer (RFC 9207 §2) and returns the state, if one was sent.
    pub(super) fn answer(
        &self,
        mut parameters: Vec<(&'static str, String)>,
        issuer: &str,
    ) -> AuthorizationResponse {
        parameters.extend(self.state.clone().map(|state| ("state", state.into())));
        parameters.push(("iss", issuer.to_owned()));
        AuthorizationResponse::new(self.redirect_uri.clone(), self.response_mode, parameters)
    }
}
