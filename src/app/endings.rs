//! Ends challenges and enrollments that will not be answered: each gets one audit event, from the request or
//! task that ended it.

use super::{App, RequestContext};
use crate::{
    audit::AuditEvent,
    storage::{
        Fault, Transaction,
        audit::{about_challenge, about_enrollment},
        challenges::{self, Challenge},
        enrollments::{self, Enrollment},
        grants, journeys, sessions,
    },
};
use ::entity::{
    enrollment::EnrollmentState,
    ids::{ChallengeId, PersonId},
};

impl App {
    /// Withdraws the selected challenges that can still be answered, for one of the reasons of
    /// [`AuditEvent::ChallengeSuperseded`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn withdraw_challenges(
        &self,
        tx: &Transaction,
        filter: challenges::ChallengeFilter,
        reason: &'static str,
        context: &RequestContext,
    ) -> Result<(), Fault> {
        for challenge in challenges::supersede(tx, filter, reason, context.now).await? {
            let event = AuditEvent::ChallengeSuperseded { reason };
            self.audit(tx, context, &event, about_challenge(&challenge)).await?;
        }
        Ok(())
    }

    /// Ends every sign-in of a person: enrollments and sign-ins in progress, sessions, and every grant with
    /// its codes and tokens, including those with `offline_access`. The caller holds the person's row
    /// ([`challenges::lock_person`]) and withdraws the challenges, because it knows the reason.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out_everywhere(
        &self,
        tx: &Transaction,
        person: PersonId,
        context: &RequestContext,
    ) -> Result<(), Fault> {
        self.cancel_enrollments(tx, enrollments::EnrollmentFilter::Person(person), context).await?;
        // The order matters: a concurrent sign-in that completes holds its journey's row until it commits, so
        // the statements after this one find the session and the grant that it created.
        journeys::close_all(tx, person, context.now).await?;
        sessions::end_all(tx, person, context.now).await?;
        grants::revoke_of_person(tx, person, None, context.now).await
    }

    /// Cancels the selected enrollments; those that had expired are recorded as expired.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel_enrollments(
        &self,
        tx: &Transaction,
        filter: enrollments::EnrollmentFilter,
        context: &RequestContext,
    ) -> Result<(), Fault> {
        self.expire_enrollments(tx, filter.clone(), context).await?;
        let cancelled = enrollments::end(tx, filter, EnrollmentState::Cancelled, context.now).await?;
        self.record_failed(tx, &cancelled, "cancelled", context).await
    }

    /// Marks the overdue ones among the selected enrollments expired.
    pub(super) async fn expire_enrollments(
        &self,
        tx: &Transaction,
        filter: enrollments::EnrollmentFilter,
        context: &RequestContext,
    ) -> Result<(), Fault> {
        let expired = enrollments::expire(tx, filter, context.now).await?;
        self.record_failed(tx, &expired, "expired", context).await
    }

    /// Marks the overdue ones among these challenges expired.
    pub(super) async fn expire_challenges(
        &self,
        tx: &Transaction,
        ids: Vec<ChallengeId>,
        context: &RequestContext,
    ) -> Result<(), Fault> {
        for challenge in challenges::expire(tx, ids, context.now).await? {
            self.audit(tx, context, &expired(&challenge), about_challenge(&challenge)).await?;
        }
        Ok(())
    }

    async fn record_failed(
        &self,
        tx: &Transaction,
        ended: &[Enrollment],
        reason: &'static str,
        context: &RequestContext,
    ) -> Result<(), Fault> {
        for enrollment in ended {
            let event = AuditEvent::EnrollmentFailed { reason };
            self.audit(tx, context, &event, about_enrollment(enrollment)).await?;
        }
        Ok(())
    }
}

/// An approval that was not consumed expires at `consume_by`, a challenge without an answer at `expires_at`.
fn expired(challenge: &Challenge) -> AuditEvent {
    let (reason, at) = match challenge.consume_by {
        Some(consume_by) => ("unclaimed", consume_by),
        None => ("unanswered", challenge.expires_at),
    };
    AuditEvent::ChallengeExpired { reason, at: at.unix_seconds() }
}
