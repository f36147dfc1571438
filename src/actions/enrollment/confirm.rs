//! The confirmation code, typed into the browser that began the enrollment: a person who claims another
//! person's activation code cannot add their own phone with it.

use super::{cancel, has_room};
use crate::{
    actions::{
        devices::announce,
        tickets::{self, Entitled},
    },
    app::{App, RequestContext, sealed_columns},
    audit::{AuditEvent, AuditTarget},
    directory::Person,
    factors::push::{
        EnrollmentTransition,
        enrollment::{CONFIRMATION_DIGITS, is_confirmed},
    },
    fault::Fault,
    limits::lockout::MAX_CONFIRM_ATTEMPTS,
    outbox::DeviceChange,
    storage::{
        Transaction,
        audit::about_enrollment,
        enrollments::{self, Enrollment, EnrollmentFilter},
        people,
    },
};
use ::entity::{
    enums::EnrollmentState,
    ids::{ClientKey, JourneyId, PersonId},
};

/// One attempt to confirm the newest enrollment of a sign-in.
pub(in crate::actions) struct Confirmation<'a> {
    /// The sign-in in which the enrollment began.
    pub journey: JourneyId,
    /// The person who is signing in. The caller holds their row.
    pub person: Option<PersonId>,
    /// The client, for the audit events.
    pub client: ClientKey,
    /// Whether a second factor of the person was proved in this sign-in.
    pub is_proved: bool,
    /// The code as it was typed.
    pub typed: &'a str,
}

/// What became of an attempt.
pub(in crate::actions) enum Confirmed {
    /// The device is active.
    Device(Box<Person>),
    /// The phone has not completed the enrollment yet.
    NotDue,
    /// The code has another form.
    Malformed,
    /// The code is wrong; this many attempts are left. The last one has ended the enrollment.
    Wrong(i32),
    /// Another request was faster, or the person has no right to the device: roll back.
    Refused,
}

/// Activates the device, if the code is the one that it shows.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn confirm(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    confirmation: &Confirmation<'_>,
) -> Result<Confirmed, Fault> {
    let is_due = |enrollment: &Enrollment| {
        enrollment.state_at(context.now) == EnrollmentState::Completed
            && confirmation.person == Some(enrollment.person_id())
    };
    let newest = enrollments::find_of_journey(tx, confirmation.journey).await?;
    let Some(enrollment) = newest.filter(is_due) else { return Ok(Confirmed::NotDue) };
    let target = about_enrollment(&enrollment).client(confirmation.client);
    let typed = confirmation.typed.chars().filter(|character| !character.is_whitespace());
    let digits: String = typed.collect();
    if digits.len() != CONFIRMATION_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Confirmed::Malformed);
    }
    let key = sealed_columns::code_key(&app.sealing);
    let stored = enrollment.confirmation_hash().unwrap_or_default();
    if is_confirmed(&key, enrollment.id(), &digits, stored) {
        activate(app, tx, context, (&enrollment, confirmation), target).await
    } else {
        count_wrong(app, tx, context, &enrollment, target).await
    }
}

async fn activate(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    (enrollment, confirmation): (&Enrollment, &Confirmation<'_>),
    target: AuditTarget,
) -> Result<Confirmed, Fault> {
    let person = people::get(tx, enrollment.person_id()).await?;
    let entitled = tickets::entitled(tx, &person, confirmation.journey, confirmation.is_proved).await?;
    let Entitled::By(entitlement) = entitled else { return Ok(Confirmed::Refused) };
    let has_room = has_room(app, tx, &person).await?;
    if !has_room || !enrollments::confirm(tx, enrollment, entitlement, context.now).await? {
        return Ok(Confirmed::Refused);
    }
    app.audit(tx, context, &AuditEvent::EnrollmentConfirmed, target).await?;
    // From now on a second factor protects the person: enrollments that other sign-ins have begun end, and
    // their phones are notified.
    cancel(app, tx, EnrollmentFilter::Person(person.id), context).await?;
    announce((app, tx, context), person.id, enrollment.authenticator_id(), DeviceChange::Added).await?;
    Ok(Confirmed::Device(Box::new(person)))
}

/// Counts a wrong code; the third one ends this enrollment. A later attempt changes nothing.
async fn count_wrong(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    enrollment: &Enrollment,
    target: AuditTarget,
) -> Result<Confirmed, Fault> {
    let failures = enrollments::count_confirm_failure(tx, enrollment.id(), context.now).await?;
    let Some(failures) = failures else { return Ok(Confirmed::Refused) };
    let left = MAX_CONFIRM_ATTEMPTS.saturating_sub(failures);
    if left <= 0 {
        let filter = EnrollmentFilter::Ids(vec![enrollment.id()]);
        enrollments::end(tx, filter, EnrollmentTransition::Fail, context.now).await?;
        app.audit(tx, context, &AuditEvent::EnrollmentFailed { reason: "confirmation" }, target).await?;
    }
    Ok(Confirmed::Wrong(left))
}
