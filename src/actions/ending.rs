//! What ends when the fact is gone for which something was given: one function per subject, for every reason.

use super::{Action, approvals, enrollment};
use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::WithdrawalReason,
    fault::Fault,
    storage::{
        Transaction,
        audit::about_session,
        authenticators::Authenticator,
        challenges::ChallengeFilter,
        enrollments::EnrollmentFilter,
        grants, journeys, known_browsers,
        sessions::{self, BrowserSession},
    },
};
use ::entity::ids::{JourneyId, PersonId};

/// The open transaction of the reason.
pub(super) struct Ending<'a> {
    pub(super) app: &'a App,
    pub(super) tx: &'a Transaction,
    /// Who or what is the reason, for the audit events.
    pub(super) context: &'a RequestContext,
}

impl<'a> Ending<'a> {
    /// Uses the transaction and the context of a use case.
    pub(super) fn of(action: &'a Action<'_>) -> Self {
        Self { app: action.app, tx: &action.tx, context: action.context }
    }

    /// Ends all that sign-ins have given a person and what they have begun: sign-ins in progress but `kept`,
    /// challenges, enrollments, sessions, known browsers, and every grant with its codes and tokens, those with
    /// `offline_access` too. Devices, code apps and consents stay. The caller holds the person's row
    /// ([`crate::storage::people::lock`]), and withdraws challenges before if it has a better reason than
    /// "cancelled".
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn person(&self, person: PersonId, kept: Option<JourneyId>) -> Result<(), Fault> {
        let Self { app, tx, context } = *self;
        let challenges = ChallengeFilter::Person(person);
        approvals::withdraw(app, tx, challenges, WithdrawalReason::Cancelled, context).await?;
        enrollment::cancel(app, tx, EnrollmentFilter::Person(person), context).await?;
        // The order matters: a concurrent sign-in that completes holds its journey's row until it commits, so
        // the statements after this one find the session and the grant that it created.
        journeys::close_all(tx, person, kept, context.now).await?;
        sessions::end_all(tx, person, context.now).await?;
        known_browsers::forget_of_person(tx, person).await?;
        grants::revoke_of_person(tx, person, None, context.now).await?;
        Ok(())
    }

    /// Ends a session and every grant that was made in it, those with `offline_access` too. `by` is the word of
    /// the audit event.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn session(&self, session: &BrowserSession, by: &'static str) -> Result<(), Fault> {
        let Self { app, tx, context } = *self;
        sessions::end(tx, session.id, context.now).await?;
        grants::revoke_all_of_session(tx, session.id, context.now).await?;
        app.audit(tx, context, &AuditEvent::SessionEnded { by }, about_session(session)).await
    }

    /// Ends what a device has given that is removed or suspended: its challenges, the grants whose `acr` needs
    /// it, those with `offline_access` too, and the sessions that nothing else has proved. In other sessions,
    /// and in sign-ins in progress, its proofs stop counting by themselves. The caller holds the person's row.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn device(&self, device: &Authenticator, reason: WithdrawalReason) -> Result<(), Fault> {
        let Self { app, tx, context } = *self;
        let (id, person, now) = (device.id(), device.person_id(), context.now);
        approvals::withdraw(app, tx, ChallengeFilter::Device(id), reason, context).await?;
        grants::revoke_relying_on(tx, person, id, now).await?;
        for session in sessions::list_live(tx, person, now).await? {
            let mut proofs = session.proofs.iter();
            if session.proofs.is_empty() || !proofs.all(|proof| proof.authenticator() == Some(id)) {
                continue;
            }
            sessions::end(tx, session.id, now).await?;
            let event = AuditEvent::SessionEnded { by: reason.as_str() };
            app.audit(tx, context, &event, about_session(&session)).await?;
        }
        Ok(())
    }
}
