//! The result of what an event records.

use super::AuditEvent;

/// What became of the attempt that an event records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditResult {
    /// It was done.
    Succeeded,
    /// A check or the person refused it.
    Refused,
    /// It came to nothing without a refusal, for example by expiry.
    Failed,
}

impl AuditResult {
    /// Returns the stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

impl AuditEvent {
    /// Returns the result.
    pub const fn result(&self) -> AuditResult {
        match self {
            Self::SignInRefused { .. }
            | Self::PasswordWrong
            | Self::PasswordBlocked { .. }
            | Self::TotpWrong { .. }
            | Self::TotpBlocked { .. }
            | Self::EnrollmentContested
            | Self::ChallengeDenied { .. }
            | Self::ChallengeReported { .. }
            | Self::ChallengeMismatched { .. }
            | Self::AnswerRefused { .. }
            | Self::AnswerCounterConflict { .. }
            | Self::PushLimited { .. }
            | Self::CodeReplayed
            | Self::CodeOfAnotherClient
            | Self::RefreshTokenReused
            | Self::ClientAuthenticationFailed { .. }
            | Self::TicketWrong
            | Self::TicketBlocked { .. } => AuditResult::Refused,
            Self::EnrollmentFailed { .. }
            | Self::ChallengeExpired { .. }
            | Self::TransportGone { .. }
            | Self::LetterFailed { .. } => AuditResult::Failed,
            Self::SignInSucceeded { .. }
            | Self::ActionConfirmed { .. }
            | Self::PasswordChanged
            | Self::EnrollmentStarted
            | Self::EnrollmentClaimed { .. }
            | Self::EnrollmentCompleted { .. }
            | Self::EnrollmentConfirmed
            | Self::ChallengeCreated { .. }
            | Self::ChallengeDelivered
            | Self::ChallengeApproved { .. }
            | Self::ChallengeSuperseded { .. }
            | Self::ChallengeConsumed
            | Self::AnswerReplayed
            | Self::PushMuted { .. }
            | Self::TransportChanged { .. }
            | Self::DeviceKeyRotated
            | Self::DeviceSuspended { .. }
            | Self::DeviceRevoked { .. }
            | Self::ConsentGiven { .. }
            | Self::ConsentRevoked
            | Self::SessionEnded { .. }
            | Self::TokensIssued { .. }
            | Self::TokenRevoked
            | Self::PersonAdded
            | Self::PasswordExposed
            | Self::SourceBlocked { .. }
            | Self::PersonFactorsReset
            | Self::ClientAdded
            | Self::PersonInvited { .. }
            | Self::InvitationRedeemed
            | Self::PersonDisabled
            | Self::PersonEnabled
            | Self::PersonDeleted
            | Self::PersonPasswordSet { .. }
            | Self::PersonSignedOut
            | Self::PersonUnlocked { .. }
            | Self::PersonPushReset
            | Self::TicketCreated { .. }
            | Self::TicketRedeemed
            | Self::ClientChanged { .. }
            | Self::ClientSecretRotated { .. }
            | Self::ClientDisabled
            | Self::ClientEnabled
            | Self::ClientDeleted
            | Self::PoolChanged { .. }
            | Self::WorkspaceAdded { .. }
            | Self::KeyRotated { .. }
            | Self::KeyRetired { .. }
            | Self::WorkspaceChanged { .. } => AuditResult::Succeeded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_and_an_expiry_are_no_success() {
        let expired = AuditEvent::ChallengeExpired { reason: "unanswered", at: 0 };
        for (event, result) in [
            (AuditEvent::TokenRevoked, "succeeded"),
            (AuditEvent::PasswordWrong, "refused"),
            (expired, "failed"),
        ] {
            assert_eq!(event.result().as_str(), result, "{}", event.code());
        }
    }
}
