//! The states of challenges, enrollments and devices, and their allowed transitions.

use serde::{Deserialize, Serialize};

/// The state of a challenge.
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
    /// The person reported that the sign-in is not theirs.
    Reported,
    /// Withdrawn by the server.
    Superseded,
    /// Not answered in time, or approved and not consumed in time.
    Expired,
    /// The browser used the approval.
    Consumed,
}

impl ChallengeState {
    /// All states.
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

    /// The value for devices, browsers and rows.
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

    /// Tells whether the challenge may still be answered.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Delivered)
    }
}

/// A change of a challenge's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// One of the challenged devices fetches it for the first time.
    Fetch,
    /// Approved with the right number.
    Approve,
    /// Approved with a wrong number; there is only one attempt.
    Mismatch,
    /// Denied.
    Deny,
    /// Reported as not by the person, also by a second device after an approval.
    Report,
    /// Withdrawn: superseded in the same sign-in, cancelled, other factor used, device removed, or password
    /// changed.
    Supersede,
    /// Not answered in time.
    Expire,
    /// The browser that began the sign-in consumes the approval.
    Consume,
    /// The browser did not consume the approval in time.
    Unclaimed,
}

impl Transition {
    /// All transitions.
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

    /// The allowed states before it, which the guarded UPDATE names.
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

    /// The state after it.
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

    /// Returns the state after it, or `None` if it is not allowed in `state`.
    pub fn apply(self, state: ChallengeState) -> Option<ChallengeState> {
        self.from().contains(&state).then_some(self.to())
    }
}

/// The state of an enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentState {
    /// The browser shows link and activation code.
    Offered,
    /// A device has claimed it with its key.
    Claimed,
    /// The device is registered and shows the confirmation code.
    Completed,
    /// The person entered the confirmation code in the browser.
    Confirmed,
    /// Cancelled in the browser, or replaced by a newer one.
    Cancelled,
    /// Not completed in time.
    Expired,
    /// Too many wrong codes.
    Failed,
}

impl EnrollmentState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Offered,
        Self::Claimed,
        Self::Completed,
        Self::Confirmed,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
    ];

    /// Tells whether `next` may follow.
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

/// The state of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Registered, and not confirmed in the browser yet.
    PendingConfirm,
    /// In use.
    Active,
    /// Out of use after bad signatures or a repeated counter, or by an administrator.
    Suspended,
    /// Removed.
    Revoked,
}

impl DeviceState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::PendingConfirm, Self::Active, Self::Suspended, Self::Revoked];

    /// Tells whether `next` may follow. Only an administrator ends a suspension; a revocation is final.
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
    fn a_challenge_changes_only_as_the_table_allows() {
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
    fn the_serialized_states_equal_their_names() {
        for state in ChallengeState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }

    #[test]
    fn an_enrollment_advances_step_by_step_and_its_final_states_are_final() {
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
