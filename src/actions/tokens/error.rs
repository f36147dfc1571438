//! Why a client's request for tokens fails.

use crate::{
    actions::ActionError,
    fault::Fault,
    protocol::{OAuthError, OAuthReason},
};

/// Why a client's request for tokens fails.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// An error for the client's developer.
    #[error(transparent)]
    Refused(OAuthError),
    /// An internal error.
    #[error(transparent)]
    Failed(#[from] Fault),
}

impl From<OAuthError> for TokenError {
    fn from(error: OAuthError) -> Self {
        Self::Refused(error)
    }
}

impl From<OAuthReason> for TokenError {
    fn from(reason: OAuthReason) -> Self {
        Self::Refused(reason.into())
    }
}

/// The caller has authenticated the client, so a missing right is a fault.
impl From<ActionError> for TokenError {
    fn from(error: ActionError) -> Self {
        Self::Failed(error.into_fault())
    }
}
