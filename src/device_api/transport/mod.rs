//! Sets and tests how a device is reached (protocol §7.1).

mod checked;
mod set;

pub use checked::{CheckedTransport, TransportStatus};

use super::{
    action_error::refused,
    device_request::{ActiveOnly, DeviceRequest, IncludingPending},
    problem::{TestProblems, TransportProblems},
};
use crate::{
    actions::devices,
    app::App,
    web::problem::{Outcome, ProblemResponse},
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};
use set::{SetTransport, TransportSet};
use std::sync::Arc;

/// The operations on a device's transport.
pub struct Transport;

/// A request body without members.
#[derive(Object)]
pub struct NoMembers {}

/// A response with the server's time only, in Unix seconds.
#[derive(Object)]
struct ServerTime {
    server_time: i64,
}

/// The response to a queued message.
#[derive(ApiResponse)]
enum Accepted {
    /// The message is queued.
    #[oai(status = 202)]
    Accepted(Json<ServerTime>),
}

#[OpenApi]
impl Transport {
    /// Sets the device's transport; of two concurrent calls the higher counter wins.
    #[oai(path = "/transport", method = "put", operation_id = "set_transport")]
    async fn set(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<IncludingPending>,
        body: Json<SetTransport>,
    ) -> Outcome<TransportSet, TransportProblems> {
        Ok(Json(set::set(app.0, &request, body.0).await?))
    }

    /// Sends a test message to the device.
    #[oai(path = "/transport/test", method = "post", operation_id = "test_transport")]
    async fn test(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<ActiveOnly>,
        _body: Json<NoMembers>,
    ) -> Result<Accepted, ProblemResponse<TestProblems>> {
        let sent = devices::send_test_message(app.0, &request.context, &request.device).await;
        sent.map_err(refused)?;
        let server_time = request.context.now.unix_seconds();
        Ok(Accepted::Accepted(Json(ServerTime { server_time })))
    }
}
