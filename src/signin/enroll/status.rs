//! The state of an enrollment for its browser: the stored state, with expiry applied.

use crate::{
    app::App,
    clock::Timestamp,
    signin::{load::LoadedSignIn, watch::Status},
    storage::{
        Executor, Fault,
        enrollments::{self, Enrollment},
    },
};
use ::entity::{enums::EnrollmentState, ids::EnrollmentId};
use serde::Serialize;

/// The JSON that a waiting page receives.
#[derive(Serialize)]
struct StatusBody {
    v: i64,
    state: EnrollmentState,
}

/// Finds the newest enrollment of this sign-in.
pub(super) async fn newest(db: &impl Executor, loaded: &LoadedSignIn) -> Result<Option<Enrollment>, Fault> {
    if !loaded.is_stored() {
        return Ok(None);
    }
    enrollments::find_of_journey(db, loaded.stored.id).await
}

/// Reads the status for a waiting page; `None` when the enrollment does not exist.
pub(in crate::signin) async fn read(
    app: &App,
    id: EnrollmentId,
    now: Timestamp,
) -> Result<Option<Status>, Fault> {
    let Some(enrollment) = enrollments::find(&app.storage, id).await? else { return Ok(None) };
    let (state, version) = (enrollment.state_at(now), enrollment.version_at(now));
    let text = serde_json::to_string(&StatusBody { v: version, state })
        .map_err(|error| Fault::because("cannot serialize an enrollment's status as JSON", error))?;
    let is_over =
        !matches!(state, EnrollmentState::Offered | EnrollmentState::Claimed | EnrollmentState::Completed);
    Ok(Some(Status { version, text, changes_at: enrollment.ends_at().filter(|_| !is_over), is_over }))
}
