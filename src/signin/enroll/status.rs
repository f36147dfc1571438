//! The state of an enrollment for its browser: the stored state, with expiry applied.

use crate::{actions::enrollment, app::App, clock::Timestamp, fault::Fault, signin::status::Status};
use ::entity::{enums::EnrollmentState, ids::EnrollmentId};
use serde::Serialize;

/// The JSON that a waiting page receives.
#[derive(Serialize)]
struct StatusBody {
    v: i64,
    state: EnrollmentState,
}

/// Reads the status for a waiting page; `None` when the enrollment does not exist.
pub(in crate::signin) async fn read(
    app: &App,
    id: EnrollmentId,
    now: Timestamp,
) -> Result<Option<Status>, Fault> {
    let Some(enrollment) = enrollment::find_watched(app, id).await? else { return Ok(None) };
    let (state, version) = (enrollment.state_at(now), enrollment.version_at(now));
    let text = serde_json::to_string(&StatusBody { v: version, state })
        .map_err(|error| Fault::because("cannot serialize an enrollment's status as JSON", error))?;
    let is_over =
        !matches!(state, EnrollmentState::Offered | EnrollmentState::Claimed | EnrollmentState::Completed);
    Ok(Some(Status { version, text, changes_at: enrollment.ends_at().filter(|_| !is_over), is_over }))
}
