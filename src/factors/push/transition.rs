//! The states of challenges, enrollments and devices, and which may follow which.

use serde::{Deserialize, Serialize};

/// Where a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeState {
    /// No device has fetched it.
    Pending,
    /// A device has fetched it.
    Delivered,
    /// Approved, and not used by the browser yet.
    Approved,
    /// Denied, or the wrong number was typed.
    Denied,
    /// "This was not me."
    Reported,
    /// Withdrawn.
    Superseded,
    /// Its time, or the time to use the approval, is over.
    Expired,
    /// The browser used the approval.
    Consumed,
}

impl ChallengeState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Delivered,
        Self::Approved,
        Self::Denied,
        Self::Reported,
        Self::Superseded,
        Self::Expired,
        Self::Consumed,
    ];

    /// The word that devices, browsers and rows see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Reported => "reported",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Consumed => "consumed",
        }
    }

    /// Whether any answer may still be given.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Delivered)
    }
}

/// What may happen to a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// A device that it was sent to fetches it for the first time.
    Fetch,
    /// Approved with the right number.
    Approve,
    /// Approved with a wrong number: there is one attempt.
    Mismatch,
    /// Denied.
    Deny,
    /// "This was not me", also by a second device after an approval.
    Report,
    /// Withdrawn: a new one in the same sign-in, cancelled, another factor used, device removed, password changed.
    Supersede,
    /// Its time is over.
    Expire,
    /// The browser that began the sign-in takes the approval.
    Consume,
    /// The browser did not take the approval in time.
    Unclaimed,
}

impl Transition {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Fetch,
        Self::Approve,
        Self::Mismatch,
        Self::Deny,
        Self::Report,
        Self::Supersede,
        Self::Expire,
        Self::Consume,
        Self::Unclaimed,
    ];

    /// The states from which it may happen: what the guarded statement names.
    pub const fn from(self) -> &'static [ChallengeState] {
        use ChallengeState::{Approved, Delivered, Pending};
        match self {
            Self::Fetch => &[Pending],
            Self::Approve | Self::Mismatch | Self::Deny | Self::Supersede | Self::Expire => {
                &[Pending, Delivered]
            }
            Self::Report => &[Pending, Delivered, Approved],
            Self::Consume | Self::Unclaimed => &[Approved],
        }
    }

    /// The state to which it leads.
    pub const fn to(self) -> ChallengeState {
        match self {
            Self::Fetch => ChallengeState::Delivered,
            Self::Approve => ChallengeState::Approved,
            Self::Mismatch | Self::Deny => ChallengeState::Denied,
            Self::Report => ChallengeState::Reported,
            Self::Supersede => ChallengeState::Superseded,
            Self::Expire | Self::Unclaimed => ChallengeState::Expired,
            Self::Consume => ChallengeState::Consumed,
        }
    }

    /// The state after it, or `None` where it may not happen.
    pub fn apply(self, state: ChallengeState) -> Option<ChallengeState> {
        self.from().contains(&state).then_some(self.to())
    }
}

/// Where an enrollment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentState {
    /// Link and code are shown in the browser.
    Offered,
    /// A device has locked it to its key.
    Claimed,
    /// The device is registered and shows the confirmation code.
    Completed,
    /// The code was typed back in the browser.
    Confirmed,
    /// Ended in the browser, or by a newer one.
    Cancelled,
    /// Its time is over.
    Expired,
    /// Too many wrong codes.
    Failed,
}

impl EnrollmentState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Offered,
        Self::Claimed,
        Self::Completed,
        Self::Confirmed,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
    ];

    /// Whether it may move on to `next`.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Offered, Self::Claimed)
                | (Self::Claimed, Self::Completed)
                | (Self::Completed, Self::Confirmed)
                | (
                    Self::Offered | Self::Claimed | Self::Completed,
                    Self::Cancelled | Self::Expired | Self::Failed
                )
        )
    }
}

/// Where a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Registered; its confirmation code was not typed back yet.
    PendingConfirm,
    /// In use.
    Active,
    /// Stopped after bad signatures, a doubled counter, or by an administrator.
    Suspended,
    /// Removed.
    Revoked,
}

impl DeviceState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PendingConfirm, Self::Active, Self::Suspended, Self::Revoked];

    /// The bad signatures in a day that suspend it.
    pub const MAX_BAD_SIGNATURES_PER_DAY: u32 = 10;

    /// Whether it may become `next`. A suspension ends only by an administrator; a revocation never.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::PendingConfirm, Self::Active | Self::Revoked)
                | (Self::Active, Self::Suspended | Self::Revoked)
                | (Self::Suspended, Self::Active | Self::Revoked)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_moves_only_as_the_table_says() {
        use ChallengeState::*;
        let table = [
            (Pending, Transition::Fetch, Delivered),
            (Pending, Transition::Approve, Approved),
            (Delivered, Transition::Approve, Approved),
            (Pending, Transition::Mismatch, Denied),
            (Delivered, Transition::Mismatch, Denied),
            (Pending, Transition::Deny, Denied),
            (Delivered, Transition::Deny, Denied),
            (Pending, Transition::Report, Reported),
            (Delivered, Transition::Report, Reported),
            (Approved, Transition::Report, Reported),
            (Pending, Transition::Supersede, Superseded),
            (Delivered, Transition::Supersede, Superseded),
            (Pending, Transition::Expire, Expired),
            (Delivered, Transition::Expire, Expired),
            (Approved, Transition::Consume, Consumed),
            (Approved, Transition::Unclaimed, Expired),
        ];
        for state in ChallengeState::ALL {
            for transition in Transition::ALL {
                let expected =
                    table.iter().find(|row| (row.0, row.1) == (state, transition)).map(|row| row.2);
                assert_eq!(transition.apply(state), expected, "{state:?} {transition:?}");
            }
        }
    }

    #[test]
    fn the_words_are_those_of_the_rows() {
        for state in ChallengeState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }

    #[test]
    fn an_enrollment_goes_step_by_step_and_its_ends_are_ends() {
        use EnrollmentState::*;
        assert!(Offered.may_become(Claimed) && !Offered.may_become(Completed));
        assert!(Completed.may_become(Confirmed) && !Confirmed.may_become(Failed));
        for end in [Confirmed, Cancelled, Expired, Failed] {
            assert!(EnrollmentState::ALL.iter().all(|next| !end.may_become(*next)), "{end:?}");
        }
    }

    #[test]
    fn a_revoked_device_stays_revoked() {
        assert!(DeviceState::Suspended.may_become(DeviceState::Active));
        assert!(DeviceState::ALL.iter().all(|next| !DeviceState::Revoked.may_become(*next)));
    }
}
