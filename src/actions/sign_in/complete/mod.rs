//! Ends a sign-in, with or without success.

mod authorize;
mod confirm;

use super::{
    LoadedSignIn, Next, Purpose, SignInError, StepPage,
    completion::{Completion, Exit, error_of, refuse},
    effects, known_browser,
    sealed_request::restart_url,
    session::sign_in_browser,
    submission::Submission,
};
use crate::{
    factors::method,
    fault::Fault,
    journey::{Assurance, Effect, SignInFailure},
    storage::{challenges, journeys},
};

/// Closes the sign-in, begins or raises the browser's session, and does what the sign-in is for: all in one
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
        return Err(session_ended(submission).await?);
    };
    if assurance.proofs.iter().any(|proof| method(proof.kind()).is_challenged) {
        challenges::note_session(submission.tx(), submission.sign_in.id(), session.id).await?;
    }
    known_browser::remember(&submission, assurance).await?;
    let exit = match submission.sign_in.purpose() {
        Purpose::Authorize(request) => {
            authorize::succeed(&submission, request, assurance, session.id).await?
        }
        Purpose::Account { return_to } => Exit::GoTo(return_to.path()),
        Purpose::Confirm(action) => confirm::succeed(&submission, *action).await?,
    };
    effects::run(&submission, effects).await?;
    submission.action.commit().await?;
    Ok(Next::done(Completion { exit, session_token: session.token }))
}

/// Closes a sign-in whose session has ended. An action is not confirmed without its session: then nothing that
/// the form has done stays done.
async fn session_ended(submission: Submission<'_>) -> Result<SignInError, Fault> {
    let (app, now) = (submission.visit.app, submission.now());
    let Submission { action, sign_in, .. } = submission;
    match sign_in.purpose() {
        Purpose::Authorize(_) | Purpose::Account { .. } => action.commit().await?,
        Purpose::Confirm(_) => drop(action),
    }
    let restart_url = restart_url(app, &sign_in.tenant, sign_in.purpose(), now);
    Ok(SignInError::SessionEnded { application: sign_in.application().to_owned(), restart_url })
}

/// Ends a sign-in without success and leaves with the error.
pub(super) async fn fail(
    submission: Submission<'_>,
    failure: SignInFailure,
    effects: &[Effect],
) -> Result<Next, SignInError> {
    if !close(&submission).await? {
        return submission.commit_and_show(StepPage::Identifier).await;
    }
    let is_known = submission.sign_in.is_stored() || submission.sign_in.person().is_some();
    // An abandoned sign-in is audited only once it is stored or its user is known.
    if is_known {
        effects::run(&submission, effects).await?;
    }
    let Submission { action, sign_in, .. } = submission;
    if is_known {
        action.commit().await?;
    }
    Ok(leave(&sign_in, failure))
}

/// Leaves a sign-in that has failed before.
pub fn leave(sign_in: &LoadedSignIn, failure: SignInFailure) -> Next {
    Next::done(refuse(&sign_in.tenant, sign_in.purpose(), &sign_in.client, &error_of(failure)))
}

/// Closes the sign-in, if it is stored; `false` when another request has changed it.
async fn close(submission: &Submission<'_>) -> Result<bool, Fault> {
    let sign_in = &submission.sign_in;
    Ok(!sign_in.is_stored() || journeys::close(submission.tx(), &sign_in.stored, submission.now()).await?)
}
