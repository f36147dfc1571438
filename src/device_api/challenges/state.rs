//! What the protocol says of a challenge at the time of a request: its state, and the warnings that are known
//! only then.

use crate::{
    actions::approvals::Challenge,
    app::{App, RequestContext},
    clock::Timestamp,
    device_api::{
        problem::{Code, Problem},
        words,
    },
    factors::push::details,
};
use poem_openapi::Object;

/// Warning: the browser's network is far from the phone's.
const FAR_FROM_PHONE: &str = "far_from_phone";

/// A challenge in a list.
#[derive(Object)]
pub struct ListedChallenge {
    /// `ch_…`
    cid: String,
    /// `pending` or `delivered`; in the event stream also a final state.
    state: words::ChallengeState,
    /// Expiry, in Unix seconds.
    exp: i64,
}

/// Returns the protocol's word for the state at `now`.
pub fn word_of(challenge: &Challenge, now: Timestamp) -> &'static str {
    challenge.state_at(now).as_str()
}

/// Returns the challenge's entry in a list.
pub fn listed(challenge: &Challenge, now: Timestamp) -> ListedChallenge {
    ListedChallenge {
        cid: challenge.id().to_string(),
        state: challenge.state_at(now).into(),
        exp: challenge.expires_at().unix_seconds(),
    }
}

/// Returns the warnings for a device that sends this request. They are not signed.
pub fn advice(app: &App, challenge: &Challenge, context: &RequestContext) -> Vec<&'static str> {
    let phone = context.address();
    let browser = details::address(challenge.details());
    let is_far = browser.is_some_and(|browser| app.geoip.are_far_apart(browser, phone));
    is_far.then_some(FAR_FROM_PHONE).into_iter().collect()
}

/// Returns the problem for a challenge that does not exist or was not sent to this device.
pub fn unknown() -> Problem {
    Problem::new(Code::ChallengeUnknown, "this device has no such challenge")
}
