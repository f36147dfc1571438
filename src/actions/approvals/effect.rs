//! The effects of an accepted answer besides the challenge's new state, in the same transaction.

use super::{answering::Answering, history, report};
use crate::{
    actions::{Action, sign_in},
    audit::AuditEvent,
    clock::Timestamp,
    factors::push::{
        ChallengeTransition, Transition,
        answer::{AnswerAction, ReportReason},
        details::Binding,
        user_verification::UvCredential,
    },
    fault::Fault,
    journey::SignInFailure,
    limits::{lifetimes::CONSUME_WITHIN_SECONDS, push::MUTE_SECONDS},
    storage::{
        authenticators,
        challenges::{self, NUMBER_MISMATCH},
        journeys::JourneyFilter,
        people,
    },
};
use ::entity::{enums::ChallengeState, ids::AuthenticatorId};
use serde_json::Value;

/// The effects of one answer.
#[derive(Clone, Debug)]
pub struct AnswerEffect {
    transition: ChallengeTransition,
    reason: Option<&'static str>,
    binding: Option<Binding>,
    user_verified: Option<bool>,
    consume_by: Option<Timestamp>,
    credential: Option<Value>,
    advice: Vec<&'static str>,
}

impl AnswerEffect {
    /// Returns the effect of an approval with a wrong number, or with the QR code of another challenge.
    pub fn mismatch(binding: Option<Binding>) -> Self {
        Self {
            transition: ChallengeTransition::Mismatch,
            reason: Some(NUMBER_MISMATCH),
            binding,
            user_verified: None,
            consume_by: None,
            credential: None,
            advice: Vec::new(),
        }
    }

    /// Returns the effect of a verified answer.
    ///
    /// # Errors
    /// When the credential cannot be written.
    pub fn of(
        act: AnswerAction,
        binding: Option<Binding>,
        user_verified: Option<bool>,
        credential: Option<Box<UvCredential>>,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let credential = credential.map(serde_json::to_value).transpose();
        let credential = credential.map_err(|error| Fault::because("authenticator.uv_credential", error))?;
        let (reason, consume_by) = match act {
            AnswerAction::Approve => (None, Some(now.plus_seconds(CONSUME_WITHIN_SECONDS))),
            AnswerAction::Deny => (None, None),
            AnswerAction::Report(ReportReason::NotMe) => (Some("not_me"), None),
            AnswerAction::Report(ReportReason::Unsure) => (Some("unsure"), None),
        };
        let (transition, advice) = (act.transition(), Vec::new());
        Ok(Self { transition, reason, binding, user_verified, consume_by, credential, advice })
    }

    /// Adds the warnings that the device was shown, for the audit event.
    #[must_use]
    pub fn advised(self, advice: Vec<&'static str>) -> Self {
        Self { advice, ..self }
    }

    /// Returns the values that the guarded statement writes.
    pub(super) fn answer(&self, by: AuthenticatorId, digest: Vec<u8>) -> challenges::Answer {
        challenges::Answer {
            transition: self.transition,
            by,
            reason: self.reason.map(str::to_owned),
            digest,
            user_verified: self.user_verified,
            consume_by: self.consume_by,
        }
    }

    /// Runs the remaining effects after the statement has changed the challenge's state.
    pub(super) async fn follow(
        &self,
        action: &Action<'_>,
        by: &Answering<'_>,
        after_sign_in: bool,
    ) -> Result<(), Fault> {
        let (tx, device, now) = (&action.tx, by.device, action.context.now);
        by.record(action, &self.event(after_sign_in)).await?;
        authenticators::touch(tx, device.id(), now).await?;
        if self.credential.is_some() {
            authenticators::save_uv_credential(tx, device.id(), self.credential.clone()).await?;
        }
        if self.is_report() {
            report::follow(action, by).await?;
            return mute(action, by, (now.plus_seconds(MUTE_SECONDS), "report")).await;
        }
        if self.transition == ChallengeTransition::Deny
            && let Some(journey) = by.challenge()?.journey_id()
        {
            let asked = JourneyFilter::Id(journey);
            sign_in::stop(action.app, tx, action.context, asked, SignInFailure::Denied.as_str()).await?;
        }
        if self.transition.to() == ChallengeState::Denied
            && let Some(until) = history::muted_until(tx, device.person_id(), now).await?
        {
            return mute(action, by, (until, "denials")).await;
        }
        Ok(())
    }

    /// Returns whether the answer is a report.
    pub(super) fn is_report(&self) -> bool {
        self.transition == ChallengeTransition::Report
    }

    fn event(&self, after_sign_in: bool) -> AuditEvent {
        let advice = self.advice.clone();
        let (user_verified, binding) = (self.user_verified, self.binding.map(Binding::as_str));
        match (self.transition, self.reason) {
            (ChallengeTransition::Approve, _) => {
                AuditEvent::ChallengeApproved { user_verified, binding, advice }
            }
            (ChallengeTransition::Report, why) => {
                AuditEvent::ChallengeReported { why: why.unwrap_or("unsure"), advice, after_sign_in }
            }
            (ChallengeTransition::Mismatch, _) => AuditEvent::ChallengeMismatched { binding, advice },
            _ => AuditEvent::ChallengeDenied { advice },
        }
    }
}

/// Suppresses notifications to all devices of the person until then; never shortens a mute.
async fn mute(
    action: &Action<'_>,
    by: &Answering<'_>,
    (until, reason): (Timestamp, &'static str),
) -> Result<(), Fault> {
    if until <= action.context.now || by.person.push_muted_until.is_some_and(|muted| muted >= until) {
        return Ok(());
    }
    people::mute_push(&action.tx, by.person.id, until).await?;
    by.record(action, &AuditEvent::PushMuted { until: until.unix_seconds(), reason }).await
}
