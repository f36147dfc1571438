//! Ends what sign-ins gave.

use super::{Action, enrollment};
use crate::storage::{Fault, enrollments::EnrollmentFilter, grants, journeys, sessions};
use ::entity::ids::PersonId;

/// Ends every sign-in of a person: enrollments and sign-ins in progress, sessions, and every grant with its
/// codes and tokens, including those with `offline_access`. The caller holds the person's row
/// ([`crate::storage::people::lock`]) and withdraws the challenges, because it knows the reason.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn end_all(action: &Action<'_>, person: PersonId) -> Result<(), Fault> {
    let (tx, now) = (&action.tx, action.context.now);
    enrollment::cancel(action.app, tx, EnrollmentFilter::Person(person), action.context).await?;
    // The order matters: a concurrent sign-in that completes holds its journey's row until it commits, so the
    // statements after this one find the session and the grant that it created.
    journeys::close_all(tx, person, now).await?;
    sessions::end_all(tx, person, now).await?;
    grants::revoke_of_person(tx, person, None, now).await
}
