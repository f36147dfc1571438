//! The stored state of a sign-in in progress: the journey, and what the pages need besides.

use super::notice::Notice;
use crate::{
    clock::Timestamp,
    journey::Journey,
    protocol::AuthorizationRequest,
    storage::stored::{Stored, Unknown},
};
use serde::{Deserialize, Serialize};

/// A sign-in in progress: the request, the journey, and what the next page says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// The authorization request.
    pub request: AuthorizationRequest,
    /// The journey.
    pub journey: Journey,
    /// The username as typed, so that the form shows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The sentence about the last answer for the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// End of the lockout that refused the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<Timestamp>,
    /// Earliest time of the next push request, set when the last one was refused by a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_limited_until: Option<Timestamp>,
    /// Whether this browser has signed this person in before. A known browser is exempt from the lockout that
    /// counts attempts from everywhere.
    #[serde(default)]
    pub is_known_browser: bool,
}

impl SignIn {
    /// Forgets what the last answer was told.
    pub(super) fn forget_notice(&mut self) {
        self.notice = None;
        self.blocked_until = None;
    }

    /// Keeps what the next page says.
    pub(super) fn note(&mut self, notice: Notice) {
        self.notice = Some(notice.to_string());
    }
}

/// The policy in the journey is a copy, which every request replaces by the one of the directory.
impl Stored for SignIn {
    const PLACE: &'static str = "journey.state";
    const UNKNOWN: Unknown = Unknown::FailClosed(&["/request", "/journey/demand"]);
}
