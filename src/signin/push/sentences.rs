//! The sentences of the push step's page.

use crate::{
    actions::approvals::Challenge,
    factors::push::WithdrawalReason,
    limits::push::{Limit, NotBefore},
    themes::{PushChallenge, PushState},
};
use ::entity::enums::ChallengeState;

/// Returns the sentence that says why no challenge is sent now.
pub(super) fn sentence(limit: NotBefore) -> String {
    let sentence = match limit.limit {
        Limit::Resend => "A request was sent just now.",
        Limit::Budget => "Many requests have been sent already.",
        Limit::BackOff => "Several requests in a row were not approved.",
        Limit::Open => "Other sign-ins are waiting for an answer on your phone.",
        Limit::Mismatches => "Wrong numbers were typed on the phone too often.",
    };
    sentence.to_owned()
}

/// Returns the sentence for a source from which a sign-in of the person was reported.
pub(super) fn reported_source() -> String {
    "A sign-in from this network was reported as not being you, so your phone is not asked.".to_owned()
}

/// Returns the sentence for a challenge without a notification.
pub(super) fn silent() -> String {
    "Your phone gets no notification right now, because requests were refused. Open the authenticator on it to answer."
        .to_owned()
}

/// Returns the sentence for a person without an active phone. For a suspended phone signing in again does not
/// help: the help desk has to restore it.
pub(super) fn no_device(challenge: Option<&Challenge>) -> String {
    let sentence = match challenge.and_then(Challenge::withdrawal_reason) {
        Some(WithdrawalReason::DeviceSuspended) => {
            "Your phone was suspended because answers in its name looked suspicious. Contact your help desk."
        }
        _ => "There is no phone to ask any more. Continue to add one, or to sign in another way.",
    };
    sentence.to_owned()
}

/// Returns the sentence for a challenge that ended because its device was removed, whatever the device had
/// answered.
pub(super) fn removed(challenge: Option<&Challenge>, shown: Option<&PushChallenge>) -> Option<String> {
    let is_void =
        challenge?.stored_state() == ChallengeState::Approved && shown?.state == PushState::Superseded;
    let reason = challenge.and_then(Challenge::withdrawal_reason);
    let is_removed = is_void || reason == Some(WithdrawalReason::DeviceRemoved);
    is_removed.then(|| "The phone that was asked has been removed.".to_owned())
}
