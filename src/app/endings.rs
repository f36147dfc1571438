//! Requests to a phone and pairings that end without their answer: each leaves one line in the trail, written by whoever
//! ended it.

use super::App;
use crate::{
    audit::{AuditEvent, AuditSource, AuditSubject},
    clock::Timestamp,
    storage::{
        Fault, Transaction,
        challenges::{self, Challenge},
        enrollments::{self, Enrollment},
    },
};
use ::entity::{enrollment::EnrollmentState, ids::ChallengeId};

impl App {
    /// Withdraws what can still be answered, for one of the reasons of [`AuditEvent::ChallengeSuperseded`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn withdraw_challenges(
        &self,
        tx: &Transaction,
        filter: challenges::ChallengeFilter,
        reason: &'static str,
        source: &AuditSource,
        now: Timestamp,
    ) -> Result<(), Fault> {
        for challenge in challenges::supersede(tx, filter, reason, now).await? {
            let event = AuditEvent::ChallengeSuperseded { reason };
            self.audit(tx, &event, of_challenge(&challenge), source, now).await?;
        }
        Ok(())
    }

    /// Cancels pairings, and notes which of them were over already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel_enrollments(
        &self,
        tx: &Transaction,
        filter: enrollments::EnrollmentFilter,
        source: &AuditSource,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.expire_enrollments(tx, filter.clone(), source, now).await?;
        let cancelled = enrollments::end(tx, filter, EnrollmentState::Cancelled, now).await?;
        self.note_failed(tx, &cancelled, "cancelled", source, now).await
    }

    /// Notes which of these pairings are over.
    pub(super) async fn expire_enrollments(
        &self,
        tx: &Transaction,
        filter: enrollments::EnrollmentFilter,
        source: &AuditSource,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let expired = enrollments::expire(tx, filter, now).await?;
        self.note_failed(tx, &expired, "expired", source, now).await
    }

    /// Notes which of these challenges are over.
    pub(super) async fn expire_challenges(
        &self,
        tx: &Transaction,
        ids: Vec<ChallengeId>,
        source: &AuditSource,
        now: Timestamp,
    ) -> Result<(), Fault> {
        for challenge in challenges::expire(tx, ids, now).await? {
            self.audit(tx, &expired(&challenge), of_challenge(&challenge), source, now).await?;
        }
        Ok(())
    }

    async fn note_failed(
        &self,
        tx: &Transaction,
        ended: &[Enrollment],
        reason: &'static str,
        source: &AuditSource,
        now: Timestamp,
    ) -> Result<(), Fault> {
        for enrollment in ended {
            let about = AuditSubject {
                person: Some(enrollment.person_id),
                client: None,
                authenticator: enrollment.authenticator_id,
                journey: enrollment.journey_id,
            };
            self.audit(tx, &AuditEvent::EnrollmentFailed { reason }, about, source, now).await?;
        }
        Ok(())
    }
}

/// An approval that nobody picked up ends later than a question that nobody answered.
fn expired(challenge: &Challenge) -> AuditEvent {
    let (reason, at) = match challenge.consume_by {
        Some(consume_by) => ("unclaimed", consume_by),
        None => ("unanswered", challenge.expires_at),
    };
    AuditEvent::ChallengeExpired { reason, at: at.unix_seconds() }
}

fn of_challenge(challenge: &Challenge) -> AuditSubject {
    AuditSubject {
        person: Some(challenge.person_id),
        client: None,
        authenticator: challenge.answered_by,
        journey: challenge.journey_id,
    }
}
