//! Begins a sign-in: responds at once if the browser's session suffices or no page may be shown.

use super::{
    LoadedSignIn, Next, PendingAction, Purpose, SignInError, StepPage, Visit,
    client::client_of,
    complete,
    completion::{Completion, Exit, refuse},
    sealed_request::SealedRequest,
    submission::Submission,
};
use crate::{
    actions::enrollment,
    app::App,
    http::urls::Path,
    journey::{Effect, SilentError, Step},
    protocol::{OAuthError, OAuthReason, Prompt},
    storage::{Fault, people},
};

/// Begins a sign-in. Writes nothing if the browser has no session.
///
/// # Errors
/// [`SignInError::Rejected`], [`SignInError::SessionEnded`]; a fault when the
/// database does not answer.
pub async fn begin(visit: Visit<'_>, purpose: Purpose) -> Result<Next, SignInError> {
    if !is_possible(visit.app, &purpose).await? {
        return Ok(Next::done(Completion { exit: Exit::GoTo(Path::Home), session_token: None }));
    }
    let tenant = &visit.context.tenant;
    let client = client_of(tenant, &purpose).await?;
    let browser_hash = visit.cookies.browser.clone().ok_or(SignInError::Foreign)?;
    let sealed = SealedRequest {
        purpose,
        began_at: visit.context.now,
        browser_hash: Some(browser_hash.clone()),
        shown_to: None,
    };
    let Ok(r) = sealed.seal(visit.app, tenant) else {
        let error = OAuthReason::RequestTooLong.into();
        return Ok(Next::done(refuse(tenant, &sealed.purpose, &client, &error)));
    };
    let mut sign_in = LoadedSignIn::begin(visit, browser_hash, &sealed, client).await?;
    sign_in.sealed = Some(r);
    if sealed.purpose.request().is_some_and(|request| request.prompt.contains(Prompt::None)) {
        return silently(visit, sign_in).await;
    }
    if let Step::Satisfied(_) = sign_in.step(visit.context.now) {
        let mut submission = Submission::begin(visit, sign_in).await?;
        submission.refresh().await?;
        if let Step::Satisfied(assurance) = submission.step() {
            let effects = [Effect::Audit(assurance.succeeded())];
            return complete::succeed(submission, &assurance, &effects).await;
        }
        sign_in = submission.roll_back();
    }
    match sign_in.step(visit.context.now) {
        Step::Refused(failure) => Ok(complete::leave(&sign_in, failure)),
        step => Ok(Next::show(sign_in, StepPage::of(&step))),
    }
}

/// Returns whether the action of a purpose is possible at all, so that no proof is asked for in vain.
async fn is_possible(app: &App, purpose: &Purpose) -> Result<bool, Fault> {
    match purpose {
        Purpose::Authorize(_) | Purpose::Account { .. } => Ok(true),
        Purpose::Confirm(PendingAction::AddDevice { person }) => {
            let person = people::get(&app.storage, *person).await?;
            enrollment::has_room(app, &app.storage, &person).await
        }
    }
}

/// Handles `prompt=none`: a code or an error, never a page (OpenID Connect Core §3.1.2.6).
async fn silently(visit: Visit<'_>, sign_in: LoadedSignIn) -> Result<Next, SignInError> {
    let now = visit.context.now;
    let (sign_in, refusal) = match sign_in.journey().silently(&sign_in.inputs, now) {
        Err(refusal) => (sign_in, refusal),
        Ok(_) => {
            let mut submission = Submission::begin(visit, sign_in).await?;
            submission.refresh().await?;
            match submission.sign_in.journey().silently(&submission.sign_in.inputs, now) {
                Ok(assurance) => {
                    let effects = [Effect::Audit(assurance.succeeded_silently())];
                    return complete::succeed(submission, &assurance, &effects).await;
                }
                Err(refusal) => (submission.roll_back(), refusal),
            }
        }
    };
    let error: OAuthError = match refusal.error {
        SilentError::LoginRequired => OAuthReason::LoginRequired.into(),
        SilentError::InteractionRequired => OAuthReason::InteractionRequired.into(),
        SilentError::ConsentRequired => OAuthReason::ConsentRequired.into(),
        SilentError::UnmetAuthenticationRequirements => OAuthReason::AcrUnreachable.into(),
    };
    Ok(Next::done(refuse(&sign_in.tenant, sign_in.purpose(), &sign_in.client, &error)))
}
