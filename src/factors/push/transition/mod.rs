//! Which state may follow which: one table for each aggregate that has states. `storage` builds the guard of
//! every UPDATE of a state from them.

#[cfg(test)]
mod tests;

use ::entity::enums::{AuthenticatorState, ChallengeState, EnrollmentState, OutboxState, TransportState};

/// A change of state, as a row of the aggregate's table.
pub trait Transition: Copy + std::fmt::Debug + 'static {
    /// The states of the aggregate.
    type State: Copy + PartialEq + std::fmt::Debug + 'static;

    /// All transitions.
    const ALL: &'static [Self];

    /// The allowed states before it, which the guarded UPDATE names.
    fn from(self) -> &'static [Self::State];

    /// The state after it.
    fn to(self) -> Self::State;

    /// Returns the state after it, or `None` if it is not allowed in `state`.
    fn apply(self, state: Self::State) -> Option<Self::State> {
        self.from().contains(&state).then_some(self.to())
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident of $state:ident {
        $($(#[$row_doc:meta])* $row:ident: $($from:ident)|+ => $to:ident,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$row_doc])* $row,)*
        }

        impl Transition for $name {
            type State = $state;

            const ALL: &'static [Self] = &[$(Self::$row),*];

            fn from(self) -> &'static [$state] {
                match self {
                    $(Self::$row => &[$($state::$from),+],)*
                }
            }

            fn to(self) -> $state {
                match self {
                    $(Self::$row => $state::$to,)*
                }
            }
        }
    )*};
}

tables! {
    /// A change of a challenge's state.
    ChallengeTransition of ChallengeState {
        /// One of the challenged devices fetches it for the first time.
        Fetch: Pending => Delivered,
        /// Approved with the right number.
        Approve: Pending | Delivered => Approved,
        /// Approved with a wrong number; there is only one attempt.
        Mismatch: Pending | Delivered => Denied,
        /// Denied.
        Deny: Pending | Delivered => Denied,
        /// Reported as not by the person, also by a second device after an approval.
        Report: Pending | Delivered | Approved => Reported,
        /// Withdrawn: superseded in the same sign-in, cancelled, other factor used, or device removed.
        Supersede: Pending | Delivered => Superseded,
        /// The browser that began the sign-in consumes the approval.
        Consume: Approved => Consumed,
        /// Not answered in time, or approved and not consumed in time.
        Expire: Pending | Delivered | Approved => Expired,
    }

    /// A change of an enrollment's state.
    EnrollmentTransition of EnrollmentState {
        /// The first device claims the offer with its key.
        Claim: Offered => Claimed,
        /// The device is registered and shows the confirmation code.
        Complete: Claimed => Completed,
        /// The person types the confirmation code in time.
        Confirm: Completed => Confirmed,
        /// Cancelled in the browser, or replaced by a newer one.
        Cancel: Offered | Claimed | Completed => Cancelled,
        /// Too many wrong codes.
        Fail: Offered | Claimed | Completed => Failed,
        /// Not completed or not confirmed in time.
        Expire: Offered | Claimed | Completed => Expired,
    }

    /// A change of an authenticator's state. A revocation is final.
    DeviceTransition of AuthenticatorState {
        /// The enrollment is confirmed in the browser.
        Activate: PendingConfirm => Active,
        /// Bad signatures, or a repeated counter.
        Suspend: Active => Suspended,
        /// Only an administrator ends a suspension.
        Restore: Suspended => Active,
        /// Removed by its owner or an administrator, or never confirmed.
        Revoke: PendingConfirm | Active | Suspended => Revoked,
    }

    /// A change of a transport's state. The newest outcome counts, whatever the earlier ones were.
    TransportTransition of TransportState {
        /// The device registers another transport; a counter orders concurrent calls.
        Register: Untried | Ok | Suspect | Gone => Untried,
        /// The push service accepted a message. A transport that is gone stays so: the outcome is a late one.
        Accept: Untried | Ok | Suspect => Ok,
        /// The push service refused a message, perhaps because of the server.
        Suspect: Untried | Ok | Suspect => Suspect,
        /// The push service does not know the subscription any more, or the server has given up its key.
        Lose: Untried | Ok | Suspect => Gone,
    }

    /// A change of a queued delivery's state. It is finished once.
    OutboxTransition of OutboxState {
        /// Another attempt by Web Push follows.
        Retry: Queued => Queued,
        /// Another attempt by another carrier follows.
        RetryWaiting: Waiting => Waiting,
        /// The push service or the mail server accepted the message.
        Accept: Queued | Waiting => Accepted,
        /// Given up.
        Fail: Queued | Waiting => Failed,
        /// The device can no longer be reached this way.
        Lose: Queued | Waiting => Gone,
        /// Not sent, because it is of no use any more.
        Skip: Queued | Waiting => Skipped,
    }
}

/// Tells whether the challenge may still be answered.
pub fn is_open(state: ChallengeState) -> bool {
    ChallengeTransition::Approve.apply(state).is_some()
}
