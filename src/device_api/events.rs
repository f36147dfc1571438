//! Streams the changes of a device's challenges (protocol §5.1).

use super::{
    challenges::word_of,
    device_request::{ActiveOnly, DeviceRequest},
    limits::Limits,
    problem::ReadProblems,
};
use crate::{
    actions::{
        approvals::{self, Challenge},
        devices,
    },
    app::{App, Tenant, Topic, Waiter},
    clock::Timestamp,
    factors::push::is_open,
    fault::Fault,
    limits::{
        concurrency::Slot,
        lifetimes::{EVENT_STREAM_SECONDS, HEARTBEAT_SECONDS},
    },
    web::problem::ProblemResponse,
};
use ::entity::ids::{AuthenticatorId, ChallengeId};
use futures_util::{stream, stream::Stream};
use poem::{Body, IntoResponse, Response, web::Data};
use poem_openapi::{
    ApiResponse, OpenApi,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};
use std::{collections::BTreeMap, sync::Arc};

/// The event stream of one device.
pub struct Events;

#[OpenApi]
impl Events {
    /// Sends the open challenges, then `ready`, then each challenge that opens or changes.
    #[oai(path = "/events", method = "get", operation_id = "get_events")]
    async fn events(
        &self,
        app: Data<&Arc<App>>,
        limits: Data<&Arc<Limits>>,
        request: DeviceRequest<ActiveOnly>,
    ) -> Result<EventStream, ProblemResponse<ReadProblems>> {
        let slot = limits.0.open_stream(request.device.id())?;
        // Subscribe before reading, so that no change is missed in between.
        let waiter = app.0.changes_of(Topic::Devices(request.person.id));
        let mut watch = Watch {
            app: Arc::clone(app.0),
            tenant: Arc::clone(&request.context.tenant),
            device: request.device.id(),
            waiter,
            seen: BTreeMap::new(),
            ends_at: request.context.now.plus_seconds(EVENT_STREAM_SECONDS),
            _slot: slot,
        };
        let changes = watch.changes().await?;
        let server_time = request.context.now.unix_seconds();
        let first =
            format!("retry: 1000\n\n{changes}event: ready\ndata: {{\"server_time\":{server_time}}}\n\n");
        Ok(EventStream(
            Response::builder()
                .content_type("text/event-stream")
                .body(Body::from_bytes_stream(stream_of(first, watch))),
        ))
    }
}

/// A stream of server-sent events.
struct EventStream(Response);

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for EventStream {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "text/event-stream", schema: String::schema_ref() }];
        let description = "Events `challenge` and `ready`.";
        let status = Some(200);
        MetaResponses {
            responses: vec![MetaResponse {
                description,
                status,
                status_range: None,
                content,
                headers: vec![],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

/// One open stream of a device.
struct Watch {
    app: Arc<App>,
    tenant: Arc<Tenant>,
    device: AuthenticatorId,
    waiter: Waiter,
    /// The state that was sent last for each challenge that the device knows as open.
    seen: BTreeMap<ChallengeId, Seen>,
    ends_at: Timestamp,
    _slot: Slot<AuthenticatorId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    state: &'static str,
    expires_at: Timestamp,
}

/// Returns the first events and then each change, until the stream's time is over, the server shuts down or
/// the device is no longer active.
fn stream_of(first: String, watch: Watch) -> impl Stream<Item = std::io::Result<String>> {
    stream::unfold((Some(first), watch), async |(first, mut watch)| match first {
        Some(first) => Some((Ok(first), (None, watch))),
        None => watch.next().await.map(|events| (Ok(events), (None, watch))),
    })
}

impl Watch {
    /// Waits for the next events or heartbeat; `None` ends the stream.
    async fn next(&mut self) -> Option<String> {
        let now = self.app.now();
        if now >= self.ends_at {
            return None;
        }
        let expiry = self.seen.values().map(|seen| seen.expires_at).min().unwrap_or(self.ends_at);
        let wake_at = now.plus_seconds(HEARTBEAT_SECONDS).min(self.ends_at).min(expiry);
        let sleep = self.app.clock.sleep_until(wake_at);
        let shutdown = self.app.shutdown.clone();
        let is_timed = tokio::select! {
            () = shutdown.requested() => return None,
            () = self.waiter.changed() => false,
            () = sleep => true,
        };
        match self.changes().await {
            Ok(changes) if changes.is_empty() && is_timed => Some(": alive\n\n".to_owned()),
            Ok(changes) if self.is_active().await.unwrap_or(false) => Some(changes),
            Ok(_) => None,
            Err(fault) => {
                fault.log("cannot read the changes for a device's event stream; the stream ends");
                None
            }
        }
    }

    async fn is_active(&self) -> Result<bool, Fault> {
        let device = devices::find(&self.app, &self.tenant, self.device).await?;
        Ok(device.is_some_and(|device| device.is_active()))
    }

    /// Returns one event for each challenge that has changed since its last event.
    async fn changes(&mut self) -> Result<String, Fault> {
        let now = self.app.now();
        let mut current = approvals::list_open(&self.app, self.device, now).await?;
        let ended: Vec<ChallengeId> =
            self.seen.keys().filter(|id| current.iter().all(|open| open.id() != **id)).copied().collect();
        for id in ended {
            let ended = approvals::find(&self.app, self.device, id).await?;
            current.extend(ended.map(|(challenge, _)| challenge));
        }
        Ok(current.iter().filter_map(|challenge| self.send(challenge, now)).collect())
    }

    fn send(&mut self, challenge: &Challenge, now: Timestamp) -> Option<String> {
        let seen = Seen { state: word_of(challenge, now), expires_at: challenge.expires_at() };
        let before = if is_open(challenge.state_at(now)) {
            self.seen.insert(challenge.id(), seen)
        } else {
            self.seen.remove(&challenge.id())
        };
        let (cid, state, exp) = (challenge.id(), seen.state, challenge.expires_at().unix_seconds());
        let data = serde_json::json!({ "cid": cid, "state": state, "exp": exp });
        (before != Some(seen)).then(|| format!("event: challenge\ndata: {data}\n\n"))
    }
}
