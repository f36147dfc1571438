//! The return address of an authorization response: a registered redirect URI and the mode of delivery.

use super::{AuthorizationResponse, OAuthError, RedirectUri, ResponseMode, State};
use serde::{Deserialize, Serialize};

/// The address of every response to one authorization request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnAddress {
    /// One of the client's registered URIs.
    pub redirect_uri: RedirectUri,
    /// The mode of delivery: query, fragment or form post.
    pub response_mode: ResponseMode,
    /// The value to return to the client unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

impl ReturnAddress {
    /// Returns the response that carries `error` (RFC 6749 §4.1.2.1).
    pub fn refuse(&self, error: &OAuthError, issuer: &str) -> AuthorizationResponse {
        let code = error.code().as_str().to_owned();
        self.answer(vec![("error", code), ("error_description", error.description())], issuer)
    }

    /// Adds the issuer (RFC 9207 §2) to every response, and the state if one was sent.
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
