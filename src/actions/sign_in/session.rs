//! The browser's session after a sign-in.

use super::submission::Submission;
use crate::{
    audit::AuditEvent,
    clock::Timestamp,
    fault::Fault,
    http::cookies::token_hash,
    journey::Assurance,
    limits::lifetimes::SESSION_ABSOLUTE_SECONDS,
    storage::{
        audit::about_session,
        sessions::{self, BrowserSession},
    },
};
use ::entity::ids::BrowserSessionId;

/// The session of a browser that has just signed in.
pub(super) struct SignedIn {
    /// The session.
    pub id: BrowserSessionId,
    /// Its new token; `None` when the session goes on with the token that the browser has.
    pub token: Option<String>,
}

/// Begins a session, raises this browser's session, or continues it. A new or raised session gets a new
/// token, so that the old cookie is worth nothing (session fixation). A session of another person ends.
///
/// `None` when the sign-in was built on a session that is no longer this browser's, because it has ended or
/// its cookie is gone.
pub(super) async fn sign_in_browser(
    submission: &Submission<'_>,
    assurance: &Assurance,
) -> Result<Option<SignedIn>, Fault> {
    let (tx, now) = (submission.tx(), submission.now());
    let current = match &submission.visit.cookies.session {
        Some(token_hash) => {
            let workspace = submission.visit.context.tenant.workspace.id;
            sessions::find(tx, workspace, token_hash, now).await?
        }
        None => None,
    };
    let journey = submission.sign_in.journey();
    let started_from = journey.session().filter(|_| journey.is_of_session());
    if started_from.is_some_and(|started| current.as_ref().is_none_or(|current| current.id != started.id)) {
        return Ok(None);
    }
    if let Some(id) = assurance.session {
        let goes_on = sessions::touch(tx, id, now).await?;
        return Ok(goes_on.then_some(SignedIn { id, token: None }));
    }
    let (raised, other) = match current {
        Some(current) if current.person_id == assurance.person => (Some(current), None),
        other => (None, other),
    };
    if let Some(other) = other {
        sessions::end(tx, other.id, now).await?;
        let event = AuditEvent::SessionEnded { by: "replaced" };
        submission.audit(&event, about_session(&other)).await?;
    }
    let token = submission.visit.app.entropy.secret();
    let id = raised.as_ref().map(|session| session.id);
    let session = session(submission, assurance, id, &token);
    let is_kept = match raised {
        Some(_) => sessions::save(tx, &session).await?,
        None => sessions::insert_session(tx, &session).await.map(|()| true)?,
    };
    Ok(is_kept.then_some(SignedIn { id: session.id, token: Some(token) }))
}

/// Builds the session; `raised` is the id of the one that it replaces.
fn session(
    submission: &Submission<'_>,
    assurance: &Assurance,
    raised: Option<BrowserSessionId>,
    token: &str,
) -> BrowserSession {
    let (sign_in, context, now) = (&submission.sign_in, submission.visit.context, submission.now());
    BrowserSession {
        id: raised.unwrap_or_else(|| BrowserSessionId(submission.visit.app.entropy.id(now))),
        token_hash: token_hash(token),
        browser_hash: sign_in.stored.browser_hash.clone(),
        workspace_id: sign_in.client.workspace_id,
        person_id: assurance.person,
        proofs: assurance.proofs.clone(),
        auth_time: assurance.auth_time,
        created_at: now,
        last_seen_at: now,
        expires_at: session_end(assurance, now),
        address: context.address().to_string(),
        agent: context.agent.as_str().to_owned(),
    }
}

/// Returns the absolute end of the session, counted from `auth_time`, so that step-ups do not extend it.
fn session_end(assurance: &Assurance, now: Timestamp) -> Timestamp {
    Ord::min(assurance.auth_time, now).plus_seconds(SESSION_ABSOLUTE_SECONDS)
}
