//! Errors for client developers: a registered code and a reason that defines the sentence.

use super::{ErrorCode, OAuthReason, echoed_value::printable};
use serde_json::{Value, json};
use std::fmt;

/// An error for the client's developer, made from its reason, which determines the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    code: ErrorCode,
    reason: OAuthReason,
}

impl OAuthError {
    /// Returns the registered code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns the exact reason.
    pub const fn reason(&self) -> &OAuthReason {
        &self.reason
    }

    /// Returns the HTTP status of a direct response.
    pub const fn status(&self) -> u16 {
        self.code.status()
    }

    /// Returns the `error_description`: printable ASCII without `"` and `\`, for every reason.
    pub fn description(&self) -> String {
        self.reason.to_string().chars().map(printable).collect()
    }

    /// Returns the JSON body (RFC 6749 §5.2).
    pub fn body(&self) -> Value {
        json!({ "error": self.code.as_str(), "error_description": self.description() })
    }
}

impl From<OAuthReason> for OAuthError {
    fn from(reason: OAuthReason) -> Self {
        Self { code: reason.code(), reason }
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.description())
    }
}

impl std::error::Error for OAuthError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::EchoedValue;

    #[test]
    fn an_error_body_has_its_code_and_a_sentence() {
        let error = OAuthError::from(OAuthReason::UnsupportedGrantType(EchoedValue::new("pass\"word")));
        assert_eq!(
            error.body(),
            json!({
                "error": "unsupported_grant_type",
                "error_description":
                    "grant_type was received as 'pass?word'; expected authorization_code or refresh_token",
            })
        );
        assert_eq!(error.status(), 400);
    }

    #[test]
    fn only_failed_authentication_has_status_401() {
        assert_eq!(OAuthError::from(OAuthReason::ClientAuthenticationFailed).status(), 401);
        assert_eq!(OAuthError::from(OAuthReason::AccessTokenUnusable).status(), 401);
        assert_eq!(OAuthError::from(OAuthReason::AuthorizationCodeUnusable).status(), 400);
        assert_eq!(OAuthError::from(OAuthReason::OpenidScopeMissing).status(), 403);
    }
}
