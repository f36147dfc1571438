//! Reports to a waiting page what the phone did: by server-sent events, or by long polls where proxies hold
//! those back.
//!
//! A report is only a hint to load the page again; no decision relies on it. A stream keeps only ids and
//! times, so that thousands can wait.

use super::{enroll, push, status::Status};
use crate::{
    app::{App, Topic, Waiter},
    clock::Timestamp,
    fault::Fault,
    http::problem::Problem,
    limits::{
        concurrency::{BrowserStreams, Slot},
        lifetimes::{EVENT_STREAM_SECONDS, HEARTBEAT_SECONDS, LONG_POLL_SECONDS, STREAM_RETRY_SECONDS},
    },
    web::Browser,
};
use ::entity::ids::{ChallengeId, EnrollmentId};
use http::{StatusCode, header};
use hyper::body::Bytes;
use poem::{Body, Response};
use std::sync::Arc;

/// The object whose changes a page waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Watched {
    /// A challenge.
    Challenge(ChallengeId),
    /// An enrollment.
    Enrollment(EnrollmentId),
}

impl Watched {
    fn topic(self) -> Topic {
        match self {
            Self::Challenge(id) => Topic::Challenge(id),
            Self::Enrollment(id) => Topic::Enrollment(id),
        }
    }

    /// Reads the status. Boxed, so that a waiting stream does not hold the memory of a read.
    async fn read(self, app: &App) -> Result<Option<Status>, Fault> {
        match self {
            Self::Challenge(id) => Box::pin(push::read(app, id, app.now())).await,
            Self::Enrollment(id) => Box::pin(enroll::read(app, id, app.now())).await,
        }
    }
}

/// One open stream of a page.
struct Subscription {
    app: Arc<App>,
    watched: Watched,
    waiter: Waiter,
    /// The version that was sent last; `None` before the first.
    last_sent: Option<i64>,
    changes_at: Option<Timestamp>,
    heartbeat_at: Timestamp,
    closes_at: Timestamp,
    is_over: bool,
    _slot: Slot<Vec<u8>>,
}

/// Streams the status of `watched`: the current one first, then each change. Responds 503 when no stream is
/// free.
pub(super) fn stream(
    app: &Arc<App>,
    streams: &Arc<BrowserStreams>,
    browser: &Browser,
    watched: Watched,
) -> Response {
    let Some(slot) = slot(streams, browser) else { return too_many(browser) };
    let subscription = Subscription {
        app: Arc::clone(app),
        watched,
        waiter: app.changes_of(watched.topic()),
        last_sent: None,
        changes_at: None,
        heartbeat_at: browser.context.now.plus_seconds(HEARTBEAT_SECONDS),
        closes_at: browser.context.now.plus_seconds(EVENT_STREAM_SECONDS),
        is_over: false,
        _slot: slot,
    };
    let pieces = futures_util::stream::unfold(subscription, |mut subscription| async move {
        let piece = subscription.next().await?;
        Some((Ok::<_, std::io::Error>(piece), subscription))
    });
    Response::builder()
        .content_type("text/event-stream")
        .header(header::CACHE_CONTROL, "no-store")
        .header("x-accel-buffering", "no")
        .body(Body::from_bytes_stream(pieces))
}

/// Takes a place for a stream or a long poll of this browser, released on drop.
fn slot(streams: &Arc<BrowserStreams>, browser: &Browser) -> Option<Slot<Vec<u8>>> {
    streams.take(Some(browser.hash()?))
}

fn too_many(browser: &Browser) -> Response {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams")
        .detail("This browser listens in two other tabs already, or the server in as many as it can.")
        .request_id(Some(browser.context.request_id.as_str()))
        .retry_after(Some(STREAM_RETRY_SECONDS))
        .into_response()
}

impl Subscription {
    /// Returns the next event or heartbeat; `None` closes the stream.
    async fn next(&mut self) -> Option<Bytes> {
        let mut may_have_changed = self.last_sent.is_none();
        while !self.is_over {
            if may_have_changed && let Some(event) = self.look().await? {
                return Some(event);
            }
            may_have_changed = self.wait().await;
            let now = self.app.now();
            if now >= self.closes_at {
                return None;
            }
            if !may_have_changed && now >= self.heartbeat_at {
                self.heartbeat_at = now.plus_seconds(HEARTBEAT_SECONDS);
                return Some(Bytes::from_static(b":\n\n"));
            }
        }
        None
    }

    /// Waits for a change or for the next deadline, and returns whether the status may have changed.
    async fn wait(&mut self) -> bool {
        let until = Ord::min(self.heartbeat_at, self.closes_at);
        let until = self.changes_at.map_or(until, |at| Ord::min(at, until));
        tokio::select! {
            () = self.waiter.changed() => true,
            () = self.app.shutdown.requested() => {
                self.closes_at = self.app.now();
                false
            }
            () = self.app.clock.sleep_until(until) => self.changes_at.is_some_and(|at| at <= until),
        }
    }

    /// Reads the status and returns the event to send, if it has changed. The outer `None` closes the stream.
    async fn look(&mut self) -> Option<Option<Bytes>> {
        let status = match self.watched.read(&self.app).await {
            Ok(status) => status?,
            Err(fault) => {
                fault.log("cannot read the status for a waiting page");
                return None;
            }
        };
        self.changes_at = status.changes_at;
        self.is_over = status.is_over;
        if self.last_sent.is_some_and(|last_sent| status.version <= last_sent) {
            return Some(None);
        }
        let retry = if self.last_sent.is_none() { "retry: 1000\n" } else { "" };
        self.last_sent = Some(status.version);
        Some(Some(format!("{retry}id: {}\ndata: {}\n\n", status.version, status.text).into()))
    }
}

/// Returns the status of `watched` once it is newer than `since`, or nothing after `wait` seconds. Waiting takes a place
/// among the streams until it ends; a browser without one gets the current status, or 503 to ask again later.
pub(super) async fn poll(
    app: &App,
    streams: &Arc<BrowserStreams>,
    browser: &Browser,
    watched: Watched,
    (since, wait): (i64, i64),
) -> Result<Response, Fault> {
    let slot = slot(streams, browser);
    let mut waiter = app.changes_of(watched.topic());
    let until = app.now().plus_seconds(wait.clamp(0, LONG_POLL_SECONDS));
    loop {
        let Some(status) = watched.read(app).await? else { return Ok(nothing()) };
        if status.version > since {
            return Ok(Response::builder()
                .content_type("application/json")
                .header(header::CACHE_CONTROL, "no-store")
                .body(status.text));
        }
        if status.is_over || app.now() >= until {
            return Ok(nothing());
        }
        if slot.is_none() {
            return Ok(too_many(browser));
        }
        let next = status.changes_at.map_or(until, |at| Ord::min(at, until));
        tokio::select! {
            () = waiter.changed() => {}
            () = app.shutdown.requested() => return Ok(nothing()),
            () = app.clock.sleep_until(next) => {}
        }
    }
}

/// Returns 204: there is no news.
pub(super) fn nothing() -> Response {
    Response::builder().status(StatusCode::NO_CONTENT).header(header::CACHE_CONTROL, "no-store").finish()
}
