//! Questions to a device: found, fetched, answered (protocol §5).

mod advice;
mod answer;
mod fetch;
mod history;
mod state;

pub use state::{current_state, word_of};

use super::{
    device_request::{ActiveOnly, DeviceRequest},
    enrollments::SignedBody,
    limits::Limits,
    outcome::{AnswerProblems, FetchProblems, ListProblems, Outcome},
    problem::{Code, Problem},
    received::Received,
};
use crate::{app::App, storage};
use answer::Answered;
use fetch::FetchedChallenge;
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use std::sync::Arc;

/// Questions to a device.
pub struct Challenges;

/// A challenge in a list.
#[derive(Object)]
pub struct ListedChallenge {
    /// `ch_…`
    pub cid: String,
    /// `pending` or `delivered`; in the event stream also how it ended.
    pub state: String,
    /// When it expires.
    pub exp: i64,
}

/// What the device can still answer.
#[derive(Object)]
struct ChallengeList {
    /// The oldest first.
    challenges: Vec<ListedChallenge>,
    /// The server's clock.
    server_time: i64,
}

#[OpenApi]
impl Challenges {
    /// What the device can still answer.
    #[oai(path = "/challenges", method = "get", operation_id = "list_challenges")]
    async fn list(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<ActiveOnly>,
        /// `open` is the only value.
        state: Query<Option<String>>,
    ) -> Outcome<ChallengeList, ListProblems> {
        if state.0.is_some_and(|state| state != "open") {
            return Err(Problem::new(Code::InvalidRequest, "expected `state=open`").into());
        }
        let now = request.received.now;
        let mut open = storage::challenges::list_open(&app.0.storage, request.device.id, now).await?;
        open.reverse();
        let challenges = open.iter().map(|challenge| state::listed(challenge, now)).collect();
        Ok(Json(ChallengeList { challenges, server_time: now.unix_seconds() }))
    }

    /// What is asked; the browser learns that a device has fetched it.
    #[oai(path = "/challenges/:id", method = "get", operation_id = "get_challenge")]
    async fn fetch(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<ActiveOnly>,
        /// `ch_…`
        id: Path<String>,
    ) -> Outcome<FetchedChallenge, FetchProblems> {
        Ok(Json(fetch::fetch(app.0, &request, &id.0).await?))
    }

    /// Lays a signed answer on the table.
    #[oai(path = "/challenges/:id/answer", method = "post", operation_id = "answer_challenge")]
    async fn answer(
        &self,
        app: Data<&Arc<App>>,
        limits: Data<&Arc<Limits>>,
        received: Received,
        /// `ch_…`
        id: Path<String>,
        body: Json<SignedBody>,
    ) -> Outcome<Answered, AnswerProblems> {
        Ok(Json(answer::answer((app.0, limits.0), &received, &id.0, &body.0.jws).await?))
    }
}

/// No such challenge, or it was not sent to this device.
fn unknown() -> Problem {
    Problem::new(Code::ChallengeUnknown, "there is no such challenge for this device")
}
