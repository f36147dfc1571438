//! The words of the protocol for states and kinds, as enums of the OpenAPI document.

use crate::{directory, outbox::guard::RefusedEndpoint};
use ::entity::enums;
use poem_openapi::Enum;

/// Defines enums of words, each converted from a type of this server: `Name of Type { Variant, … }`. A word
/// is the variant's name in snake case.
macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident of $from:ty { $($variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        #[oai(rename_all = "snake_case")]
        pub enum $name { $($variant,)+ }

        impl From<$from> for $name {
            fn from(value: $from) -> Self {
                match value { $(<$from>::$variant => Self::$variant,)+ }
            }
        }
    )+};
}

words! {
    /// The state of a challenge.
    ChallengeState of enums::ChallengeState {
        Pending, Delivered, Approved, Denied, Reported, Superseded, Expired, Consumed,
    }
    /// The state of a device.
    DeviceState of enums::AuthenticatorState { PendingConfirm, Active, Suspended, Revoked }
    /// The state of an enrollment.
    EnrollmentState of enums::EnrollmentState {
        Offered, Claimed, Completed, Confirmed, Cancelled, Expired, Failed,
    }
    /// How a device is reached.
    TransportKind of enums::TransportKind { Webpush, None }
    /// Whether a transport works.
    TransportState of enums::TransportState { Untried, Ok, Suspect, Gone }
    /// When a pool requires user verification.
    UvRequirement of directory::UserVerification { Required, Preferred, Off }
}

/// The state of a challenge that an answer has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum AnsweredState {
    Approved,
    Denied,
    Reported,
}

/// What an answer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum AnswerAction {
    Approve,
    Deny,
    Report,
}

/// The rule that forbids an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum TransportReason {
    HostRefused,
    EndpointNotHttps,
    AddressRefused,
}

impl From<RefusedEndpoint> for TransportReason {
    fn from(rule: RefusedEndpoint) -> Self {
        match rule {
            RefusedEndpoint::Host => Self::HostRefused,
            RefusedEndpoint::NotHttps => Self::EndpointNotHttps,
            RefusedEndpoint::Address => Self::AddressRefused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::ToJSON;

    #[test]
    fn a_word_is_the_same_in_json_in_problems_and_in_the_rules() {
        for state in enums::ChallengeState::ALL {
            assert_eq!(ChallengeState::from(state).to_json(), Some(state.as_str().into()));
        }
        for state in enums::AuthenticatorState::ALL {
            assert_eq!(DeviceState::from(state).to_json(), Some(state.as_str().into()));
        }
        for state in enums::EnrollmentState::ALL {
            assert_eq!(EnrollmentState::from(state).to_json(), Some(state.as_str().into()));
        }
        for kind in enums::TransportKind::ALL {
            assert_eq!(TransportKind::from(kind).to_json(), Some(kind.as_str().into()));
        }
        for state in enums::TransportState::ALL {
            assert_eq!(TransportState::from(state).to_json(), Some(state.as_str().into()));
        }
        for rule in RefusedEndpoint::ALL {
            assert_eq!(TransportReason::from(rule).to_json(), Some(rule.word().into()));
        }
    }
}
