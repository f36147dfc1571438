//! Errors for client developers: a registered code and a reason that defines the sentence.

use super::{OAuthReason, echoed_value::printable};
use serde_json::{Value, json};
use std::fmt;

/// An error code of the IANA registry of OAuth extensions errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorCode {
    /// RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3.1.
    InvalidRequest,
    /// RFC 6749 §5.2.
    InvalidClient,
    /// RFC 6749 §5.2.
    InvalidGrant,
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope,
    /// RFC 6749 §4.1.2.1, §5.2.
    UnauthorizedClient,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 §4.1.2.1.
    AccessDenied,
    /// RFC 6749 §4.1.2.1.
    ServerError,
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable,
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6.
    InteractionRequired,
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6.
    AccountSelectionRequired,
    /// OpenID Connect Core §3.1.2.6, RFC 9101 §7.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6, RFC 9101 §7.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported,
    /// OpenID Connect Core Error Code `unmet_authentication_requirements` 1.0.
    UnmetAuthenticationRequirements,
    /// RFC 6750 §3.1.
    InvalidToken,
    /// RFC 6750 §3.1.
    InsufficientScope,
    /// RFC 9470 §3.
    InsufficientUserAuthentication,
}

impl ErrorCode {
    /// Returns the code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::ConsentRequired => "consent_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
        }
    }

    /// Returns the HTTP status of a direct response (RFC 6749 §5.2, RFC 6750 §3.1, RFC 9470 §3).
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken | Self::InsufficientUserAuthentication => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

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
