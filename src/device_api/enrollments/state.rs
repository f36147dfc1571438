//! Where an enrollment stands, with its time.

use crate::{
    app::App,
    clock::Timestamp,
    device_api::{
        device_request::KeyRequest,
        problem::{Code, Problem},
    },
    storage::{enrollments, enrollments::Enrollment},
};
use ::entity::{enrollment::EnrollmentState, ids::EnrollmentId};
use poem_openapi::Object;

/// How an enrollment stands.
#[derive(Object)]
pub struct EnrollmentStatus {
    /// `enr_…`
    enrollment: String,
    /// `claimed`, `completed`, `confirmed`, `cancelled`, `expired` or `failed`.
    state: String,
    /// `dev_…`; null before completion.
    #[oai(nullable)]
    device_id: Option<String>,
    /// Until when the code may be typed; null before completion.
    #[oai(nullable)]
    confirm_by: Option<i64>,
    /// The server's clock.
    server_time: i64,
}

/// How the enrollment stands, for the key that claimed it.
pub async fn status(app: &App, request: &KeyRequest, id: EnrollmentId) -> poem::Result<EnrollmentStatus> {
    let now = request.received.now;
    let found = enrollments::find(&app.storage, id).await?;
    let enrollment = found
        .filter(|enrollment| enrollment.thumbprint.as_deref() == Some(&request.thumbprint))
        .ok_or_else(unknown)?;
    Ok(EnrollmentStatus {
        enrollment: id.to_string(),
        state: word(state(&enrollment, now)).to_owned(),
        device_id: enrollment.authenticator_id.map(|device| device.to_string()),
        confirm_by: enrollment.confirm_by.map(Timestamp::unix_seconds),
        server_time: now.unix_seconds(),
    })
}

/// The id of a path; one that cannot be any enrollment's is nobody's.
pub fn parse_id(text: &str) -> Result<EnrollmentId, Problem> {
    text.parse().map_err(|_| unknown())
}

/// Its state, its time considered: rows learn of it when they are swept.
pub fn state(enrollment: &Enrollment, now: Timestamp) -> EnrollmentState {
    let ends = match enrollment.state {
        EnrollmentState::Offered | EnrollmentState::Claimed => Some(enrollment.expires_at),
        EnrollmentState::Completed => enrollment.confirm_by,
        _ => None,
    };
    if ends.is_some_and(|ends| ends <= now) { EnrollmentState::Expired } else { enrollment.state }
}

/// No open enrollment of this kind.
pub fn unknown() -> Problem {
    Problem::new(Code::EnrollmentUnknown, "there is no open enrollment with this id and secret, code or key")
}

/// What a device is told that comes too late for a step.
pub fn over(state: EnrollmentState) -> Problem {
    match state {
        EnrollmentState::Expired => {
            Problem::new(Code::EnrollmentExpired, "its time is over; start again in the browser")
        }
        state => Problem::new(Code::EnrollmentClosed, "the enrollment is past this step").state(word(state)),
    }
}

/// The word for a state.
fn word(state: EnrollmentState) -> &'static str {
    match state {
        EnrollmentState::Offered => "offered",
        EnrollmentState::Claimed => "claimed",
        EnrollmentState::Completed => "completed",
        EnrollmentState::Confirmed => "confirmed",
        EnrollmentState::Cancelled => "cancelled",
        EnrollmentState::Expired => "expired",
        EnrollmentState::Failed => "failed",
    }
}
