//! Ends a sign-in, with or without success.

mod authorize;

use super::{
    LoadedSignIn, Next, SignInError, StepPage, effects, sealed_request::restart_url,
    session::sign_in_browser, submission::Submission,
};
use crate::{
    app::App,
    journey::{Assurance, Effect, SignInFailure},
    storage::{Fault, journeys},
};

pub(super) use authorize::error_of;

/// Closes the sign-in, begins or raises the browser's session, and responds with a code: all in one
/// transaction, or nothing. The caller derived `assurance` in the same transaction.
pub(super) async fn succeed(
    submission: Submission<'_>,
    assurance: &Assurance,
    effects: &[Effect],
) -> Result<Next, SignInError> {
    if !close(&submission).await? {
        return submission.commit_and_show(StepPage::Identifier).await;
    }
    let Some(session) = sign_in_browser(&submission, assurance).await? else {
        let (app, now) = (submission.visit.app, submission.now());
        let Submission { action, sign_in, .. } = submission;
        action.commit().await?;
        let restart_url = restart_url(app, sign_in.request(), now);
        let application = sign_in.application().to_owned();
        return Err(SignInError::SessionEnded { application, restart_url });
    };
    let response = authorize::succeed(&submission, assurance, session.id).await?;
    effects::run(&submission, effects).await?;
    let Submission { action, sign_in, .. } = submission;
    action.commit().await?;
    Ok(Next::leave(response, &sign_in, session.token))
}

/// Ends a sign-in without success and sends the error to the relying party.
pub(super) async fn fail(
    submission: Submission<'_>,
    failure: SignInFailure,
    effects: &[Effect],
) -> Result<Next, SignInError> {
    if !close(&submission).await? {
        return submission.commit_and_show(StepPage::Identifier).await;
    }
    let app = submission.visit.app;
    let is_known = submission.sign_in.is_stored() || submission.sign_in.journey().person().is_some();
    // An abandoned sign-in is audited only once it is stored or its user is known.
    if is_known {
        effects::run(&submission, effects).await?;
    }
    let Submission { action, sign_in, .. } = submission;
    if is_known {
        action.commit().await?;
    }
    Ok(leave(app, &sign_in, failure))
}

/// Leaves a sign-in that has failed before, with the error for the relying party.
pub fn leave(app: &App, sign_in: &LoadedSignIn, failure: SignInFailure) -> Next {
    Next::leave(authorize::fail(app, sign_in, failure), sign_in, None)
}

/// Closes the sign-in, if it is stored; `false` when another request has changed it.
async fn close(submission: &Submission<'_>) -> Result<bool, Fault> {
    let sign_in = &submission.sign_in;
    Ok(!sign_in.is_stored() || journeys::close(submission.tx(), &sign_in.stored, submission.now()).await?)
}
