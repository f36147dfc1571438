//! What a report ends: the person did not begin the sign-in, so that its password is known to a stranger.

use super::{answering::Answering, end::withdraw};
use crate::{
    actions::{
        Action,
        ending::Ending,
        enrollment, reported_source,
        sign_in::{self, SignIn},
    },
    audit::{AuditEvent, about},
    factors::push::{WithdrawalReason, details},
    fault::Fault,
    http::source::rate_limit_prefix,
    storage::{
        challenges::{self, Challenge, ChallengeFilter},
        enrollments::EnrollmentFilter,
        journeys::{self, JourneyFilter},
        known_browsers, people, sessions,
    },
};
use ipnet::IpNet;

/// Ends every sign-in of the person that is in progress, what came of the reported approval, and what the
/// network gave from which it was asked; blocks that network for the person, and makes the person choose a new
/// password if the sign-in knew the present one. The caller holds the person's row.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn follow(action: &Action<'_>, by: &Answering<'_>) -> Result<(), Fault> {
    let (app, tx, context) = (action.app, &action.tx, action.context);
    let (person, challenge) = (by.person.id, by.challenge()?);
    let is_password_known = knows_password(action, challenge).await?;
    sign_in::stop(app, tx, context, JourneyFilter::Person(person), "reported").await?;
    withdraw(app, tx, ChallengeFilter::Person(person), WithdrawalReason::Reported, context).await?;
    enrollment::cancel(app, tx, EnrollmentFilter::Person(person), context).await?;
    let source = details::address(challenge.details()).map(rate_limit_prefix);
    end_sessions(action, challenge, source).await?;
    if let Some(source) = source {
        let key = reported_source::key(&person.to_string(), source);
        let until = reported_source::block(tx, &key, context.now).await?;
        let event = AuditEvent::SourceBlocked { source: source.to_string(), until: until.unix_seconds() };
        action.audit(&event, about(person)).await?;
    }
    if is_password_known && by.person.password_hash.is_some() {
        people::require_new_password(tx, person, context.now).await?;
        action.audit(&AuditEvent::PasswordExposed, about(person)).await?;
    }
    Ok(())
}

/// Returns whether the password was proved in the sign-in that asked, or in the session from which it began. A
/// sign-in that cannot be read counts as one.
async fn knows_password(action: &Action<'_>, challenge: &Challenge) -> Result<bool, Fault> {
    let Some(journey) = challenge.journey_id() else { return Ok(true) };
    let asked = journeys::find_state::<SignIn>(&action.tx, journey).await?;
    Ok(asked.is_none_or(|sign_in| sign_in.journey.was_password_given()))
}

/// Ends the session that came of the approval, and those that were begun from `source`.
async fn end_sessions(
    action: &Action<'_>,
    challenge: &Challenge,
    source: Option<IpNet>,
) -> Result<(), Fault> {
    let (tx, now) = (&action.tx, action.context.now);
    // Read again: the browser may have consumed the approval while the report was checked.
    let consumed = challenges::find(tx, challenge.id()).await?;
    let of_approval = consumed.and_then(|challenge| challenge.session_id());
    for session in sessions::list_live(tx, challenge.person_id(), now).await? {
        let begun_from = session.address.parse().ok().map(rate_limit_prefix);
        let is_of_source = source.is_some() && begun_from == source;
        if is_of_source || of_approval == Some(session.id) {
            Ending::of(action).session(&session, "reported").await?;
            known_browsers::forget(tx, challenge.person_id(), &session.browser_hash).await?;
        }
    }
    Ok(())
}
