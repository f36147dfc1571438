//! Reads enrollments.

use crate::{
    app::{App, Tenant},
    directory::Pool,
    fault::Fault,
    storage::{
        authenticators::{self, Authenticator},
        enrollments, people,
    },
};
use ::entity::ids::{EnrollmentId, JourneyId};
use std::sync::Arc;

pub use crate::storage::enrollments::{Completion, Enrollment};

/// Finds the tenant's enrollment with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, tenant: &Tenant, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(enrollments::find(&app.storage, id).await?.filter(|enrollment| is_of(enrollment, tenant)))
}

/// Finds the tenant's newest enrollment whose activation code has this hash, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_code(app: &App, tenant: &Tenant, code_hash: &[u8]) -> Result<Option<Enrollment>, Fault> {
    let found = enrollments::find_by_code(&app.storage, code_hash).await?;
    Ok(found.filter(|enrollment| is_of(enrollment, tenant)))
}

/// Returns the pool of the enrolling person, and the account's username.
///
/// # Errors
/// When the database does not answer.
pub async fn pool_and_account(app: &App, enrollment: &Enrollment) -> Result<(Arc<Pool>, String), Fault> {
    let person = people::get(&app.storage, enrollment.person_id()).await?;
    Ok((app.directory.of(person.workspace_id).pool(person.pool_id).await?, person.username))
}

/// Finds the newest enrollment of a sign-in, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_of_sign_in(app: &App, journey: JourneyId) -> Result<Option<Enrollment>, Fault> {
    enrollments::find_of_journey(&app.storage, journey).await
}

/// Finds the enrollment that a page watches. The caller checked, when the wait began,
/// that it belongs to the sign-in of this browser; this function does not check it.
///
/// # Errors
/// When the database does not answer.
pub async fn find_watched(app: &App, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    enrollments::find(&app.storage, id).await
}

/// Returns the name of the device that has completed an enrollment; `None` when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn device_name(app: &App, enrollment: &Enrollment) -> Result<Option<String>, Fault> {
    let Some(device) = enrollment.authenticator_id() else { return Ok(None) };
    Ok(authenticators::find(&app.storage, device).await?.map(Authenticator::into_name))
}

fn is_of(enrollment: &Enrollment, tenant: &Tenant) -> bool {
    enrollment.workspace_id() == tenant.workspace.id
}
