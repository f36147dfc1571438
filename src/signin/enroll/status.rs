//! A pairing as its browser sees it: what the row says, and what the passing of time has made of it.

use crate::{
    app::App,
    clock::Timestamp,
    signin::{load::LoadedSignIn, watch::Status},
    storage::{
        Executor, Fault,
        enrollments::{self, Enrollment},
    },
};
use ::entity::{enrollment::EnrollmentState, ids::EnrollmentId};
use serde::Serialize;

/// What a waiting page is told.
#[derive(Serialize)]
struct StatusBody {
    v: i64,
    state: EnrollmentState,
}

/// The newest pairing of this sign-in.
pub(super) async fn newest(db: &impl Executor, loaded: &LoadedSignIn) -> Result<Option<Enrollment>, Fault> {
    if !loaded.is_stored() {
        return Ok(None);
    }
    enrollments::find_of_journey(db, loaded.stored.id).await
}

/// How it stands at `now`.
pub(super) fn state_at(enrollment: &Enrollment, now: Timestamp) -> EnrollmentState {
    if ends_at(enrollment).is_some_and(|at| at <= now) { EnrollmentState::Expired } else { enrollment.state }
}

/// When it ends by itself.
fn ends_at(enrollment: &Enrollment) -> Option<Timestamp> {
    match enrollment.state {
        EnrollmentState::Offered | EnrollmentState::Claimed => Some(enrollment.expires_at),
        EnrollmentState::Completed => Some(enrollment.confirm_by.unwrap_or(enrollment.expires_at)),
        _ => None,
    }
}

/// Its version at `now`; an end that nobody has noted counts as one more.
pub(super) fn version_at(enrollment: &Enrollment, now: Timestamp) -> i64 {
    if state_at(enrollment, now) == enrollment.state { enrollment.version } else { enrollment.version + 1 }
}

/// For a page that waits.
pub(in crate::signin) async fn read(
    app: &App,
    id: EnrollmentId,
    now: Timestamp,
) -> Result<Option<Status>, Fault> {
    let Some(enrollment) = enrollments::find(&app.storage, id).await? else { return Ok(None) };
    let (state, version) = (state_at(&enrollment, now), version_at(&enrollment, now));
    let text = serde_json::to_string(&StatusBody { v: version, state })
        .map_err(|error| Fault::because("a pairing cannot be told as JSON", error))?;
    let is_over =
        !matches!(state, EnrollmentState::Offered | EnrollmentState::Claimed | EnrollmentState::Completed);
    Ok(Some(Status { version, text, changes_at: ends_at(&enrollment).filter(|_| !is_over), is_over }))
}
