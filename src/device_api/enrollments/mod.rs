//! Enrollments: claim, complete, and read the state (protocol §4).

mod claim;
mod completion;
mod offer;
mod state;

use super::{
    device_request::KeyRequest,
    limits::Limits,
    problem::{ClaimProblems, CompleteProblems, StatusProblems},
};
use crate::{
    app::{App, RequestContext},
    web::problem::Outcome,
};
use claim::ClaimRequest;
use completion::Completed;
pub use completion::SignedBody;
use offer::Offer;
use poem::web::Data;
use poem_openapi::{OpenApi, param::Path, payload::Json};
use state::EnrollmentStatus;
use std::sync::Arc;

/// The operations on enrollments in progress.
pub struct Enrollments;

#[OpenApi]
impl Enrollments {
    /// Locks an enrollment to the proof's key, and returns the offer.
    #[oai(path = "/enrollments/claim", method = "post", operation_id = "claim_enrollment")]
    async fn claim(
        &self,
        app: Data<&Arc<App>>,
        request: KeyRequest,
        body: Json<ClaimRequest>,
    ) -> Outcome<Offer, ClaimProblems> {
        let claim = body.0.into_claim();
        Ok(Json(claim::claim(app.0, &request, claim).await?))
    }

    /// Registers the device, and returns the code to type in the browser.
    #[oai(path = "/enrollments/:id/complete", method = "post", operation_id = "complete_enrollment")]
    async fn complete(
        &self,
        app: Data<&Arc<App>>,
        limits: Data<&Arc<Limits>>,
        context: Data<&RequestContext>,
        /// `enr_…`
        id: Path<String>,
        body: Json<SignedBody>,
    ) -> Outcome<Completed, CompleteProblems> {
        let id = state::parse_id(&id.0)?;
        Ok(Json(completion::complete(app.0, limits.0, context.0, id, &body.0.jws).await?))
    }

    /// Returns an enrollment's state to the key that claimed it.
    #[oai(path = "/enrollments/:id", method = "get", operation_id = "get_enrollment")]
    async fn status(
        &self,
        app: Data<&Arc<App>>,
        request: KeyRequest,
        /// `enr_…`
        id: Path<String>,
    ) -> Outcome<EnrollmentStatus, StatusProblems> {
        let id = state::parse_id(&id.0)?;
        Ok(Json(state::status(app.0, &request, id).await?))
    }
}
