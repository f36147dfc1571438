//! What the waiting page is told: by a stream, or by long polls.

use crate::{
    app::App,
    signin::{
        identifier::Query,
        progress::{Loaded, Progress},
        streams::Streams,
        visit::Visit,
        watch::{self, Watched},
    },
    storage::challenges,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// As server-sent events.
#[handler]
pub async fn get(
    request: &Request,
    Data(app): Data<&Arc<App>>,
    Data(streams): Data<&Arc<Streams>>,
) -> Result<Response> {
    let visit = Visit::of(app, request);
    Ok(match watched(app, &visit, &Query::of(request)).await? {
        Some(watched) => watch::stream(app, streams, &visit, watched),
        None => watch::nothing(),
    })
}

/// As a long poll.
#[handler]
pub async fn status(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let query = Query::of(request);
    Ok(match watched(app, &visit, &query).await? {
        Some(watched) => watch::poll(app, watched, query.number("since"), query.number("wait")).await?,
        None => watch::nothing(),
    })
}

/// The newest challenge of this browser's sign-in, which may be over: a report ends it.
async fn watched(app: &App, visit: &Visit, query: &Query) -> Result<Option<Watched>> {
    let (Loaded::Open(progress) | Loaded::Closed(progress)) =
        Progress::find(app, visit, query.handles()).await?;
    if !progress.is_stored() {
        return Ok(None);
    }
    let challenge = challenges::find_of_journey(&app.storage, progress.stored.id).await?;
    Ok(challenge.map(|challenge| Watched::Challenge(challenge.id)))
}
