//! Challenges: list, fetch, answer (protocol §5).

mod answer;
mod fetch;
mod state;

pub use state::word_of;

use super::{
    device_request::{ActiveOnly, DeviceRequest},
    enrollments::SignedBody,
    limits::Limits,
    problem::{AnswerProblems, Code, FetchProblems, ListProblems, Problem},
};
use crate::{
    actions::approvals,
    app::{App, RequestContext},
    web::problem::Outcome,
};
use answer::Answered;
use fetch::FetchedChallenge;
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use state::ListedChallenge;
use std::sync::Arc;

/// The operations on challenges.
pub struct Challenges;

/// The challenges that the device can still answer.
#[derive(Object)]
struct ChallengeList {
    /// Oldest first.
    challenges: Vec<ListedChallenge>,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

#[OpenApi]
impl Challenges {
    /// Lists the challenges that the device can still answer.
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
        let now = request.context.now;
        let open = approvals::list_open(app.0, request.device.id(), now).await?;
        let challenges = open.iter().map(|challenge| state::listed(challenge, now)).collect();
        Ok(Json(ChallengeList { challenges, server_time: now.unix_seconds() }))
    }

    /// Returns a challenge, and informs the browser that a device has fetched it.
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

    /// Accepts a signed answer.
    #[oai(path = "/challenges/:id/answer", method = "post", operation_id = "answer_challenge")]
    async fn answer(
        &self,
        app: Data<&Arc<App>>,
        limits: Data<&Arc<Limits>>,
        context: Data<&RequestContext>,
        /// `ch_…`
        id: Path<String>,
        body: Json<SignedBody>,
    ) -> Outcome<Answered, AnswerProblems> {
        Ok(Json(answer::answer((app.0, limits.0), context.0, &id.0, &body.0.jws).await?))
    }
}
