//! What is kept of a sign-in in progress beside the journey itself.

use crate::{journey::Journey, protocol::AuthorizationRequest};
use serde::{Deserialize, Serialize};

/// A sign-in in progress: what was asked, where it stands, and what the next page says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SignIn {
    /// What was asked.
    pub request: AuthorizationRequest,
    /// Where it stands.
    pub journey: Journey,
    /// The name as it was typed, so that nobody types it twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What the next page says about the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The last instant at which an answer did not count because of earlier wrong ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<crate::clock::Timestamp>,
    /// When the last wish for another push was refused: until when none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_limited_until: Option<crate::clock::Timestamp>,
    /// Whether this browser has signed this person in before: such a browser is let in while others are braked.
    #[serde(default)]
    pub is_known_browser: bool,
}
