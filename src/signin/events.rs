//! Reports to a waiting page how its challenge or enrollment stands, by server-sent events or by long polls.

use super::{
    error_page,
    navigation::Query,
    watch::{self, Watched},
};
use crate::{
    actions::{
        approvals, enrollment,
        sign_in::{Loaded, find_as_stored},
    },
    app::App,
    audit::Via,
    limits::concurrency::BrowserStreams,
    web::Browser,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// The kind of object that a page watches; given where the route is defined.
#[derive(Clone, Copy, Debug)]
pub enum WatchedKind {
    /// The newest challenge of the sign-in. The sign-in may be over, because a report on the phone ends it.
    Challenge,
    /// The newest enrollment of the sign-in.
    Enrollment,
}

/// Streams the status as server-sent events.
#[handler]
pub async fn stream(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(streams): Data<&Arc<BrowserStreams>>,
    Data(kind): Data<&WatchedKind>,
) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    Ok(match watched(app, &browser, &Query::of(request), *kind).await? {
        Some(watched) => watch::stream(app, streams, &browser, watched),
        None => watch::nothing(),
    })
}

/// Returns the status by a long poll.
#[handler]
pub async fn status(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(streams): Data<&Arc<BrowserStreams>>,
    Data(kind): Data<&WatchedKind>,
) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let times = (query.number("since"), query.number("wait"));
    Ok(match watched(app, &browser, &query, *kind).await? {
        Some(watched) => watch::poll(app, streams, &browser, watched, times).await?,
        None => watch::nothing(),
    })
}

async fn watched(app: &App, browser: &Browser, query: &Query, kind: WatchedKind) -> Result<Option<Watched>> {
    let found = find_as_stored(browser.visit(app), query.handle()).await;
    let (Loaded::Open(sign_in) | Loaded::Closed(sign_in)) =
        found.map_err(|error| error_page::show(&browser.context, error))?;
    if !sign_in.is_stored() {
        return Ok(None);
    }
    let journey = sign_in.id();
    Ok(match kind {
        WatchedKind::Challenge => approvals::find_of_sign_in(app, journey)
            .await?
            .map(|challenge| Watched::Challenge(challenge.id())),
        WatchedKind::Enrollment => enrollment::find_of_sign_in(app, journey)
            .await?
            .map(|enrollment| Watched::Enrollment(enrollment.id())),
    })
}
