//! The state of an enrollment in the protocol.

use crate::{
    actions::enrollment,
    app::App,
    clock::Timestamp,
    device_api::{
        device_request::KeyRequest,
        problem::{Code, Problem},
        words,
    },
};
use ::entity::{enums::EnrollmentState, ids::EnrollmentId};
use poem_openapi::Object;

/// The state of an enrollment.
#[derive(Object)]
pub struct EnrollmentStatus {
    /// `enr_…`
    enrollment: String,
    /// `claimed`, `completed`, `confirmed`, `cancelled`, `expired` or `failed`.
    state: words::EnrollmentState,
    /// `dev_…`; null before completion.
    #[oai(nullable)]
    device_id: Option<String>,
    /// End of the time to type the code, in Unix seconds; null before completion.
    #[oai(nullable)]
    confirm_by: Option<i64>,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// Returns the enrollment's state to the key that claimed it.
pub async fn status(app: &App, request: &KeyRequest, id: EnrollmentId) -> poem::Result<EnrollmentStatus> {
    let now = request.context.now;
    let found = enrollment::find(app, &request.context.tenant, id).await?;
    let enrollment = found
        .filter(|enrollment| enrollment.thumbprint() == Some(&request.thumbprint))
        .ok_or_else(unknown)?;
    Ok(EnrollmentStatus {
        enrollment: id.to_string(),
        state: enrollment.state_at(now).into(),
        device_id: enrollment.authenticator_id().map(|device| device.to_string()),
        confirm_by: enrollment.confirm_by().map(Timestamp::unix_seconds),
        server_time: now.unix_seconds(),
    })
}

/// Parses the id in a path. A malformed id gets the same answer as an unknown one.
pub fn parse_id(text: &str) -> Result<EnrollmentId, Problem> {
    text.parse().map_err(|_| unknown())
}

/// Returns the problem for an unknown enrollment.
pub fn unknown() -> Problem {
    Problem::new(Code::EnrollmentUnknown, "no open enrollment has this id and secret, code or key")
}

/// Returns the problem for a step that comes too late.
pub fn over(state: EnrollmentState) -> Problem {
    match state {
        EnrollmentState::Expired => {
            Problem::new(Code::EnrollmentExpired, "the enrollment has expired; start again in the browser")
        }
        state => {
            Problem::new(Code::EnrollmentClosed, "the enrollment is past this step").state(state.as_str())
        }
    }
}
