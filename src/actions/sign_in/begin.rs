//! Begins a sign-in: responds at once if the browser's session suffices or no page may be shown.

use super::{
    LoadedSignIn, Next, SignInError, StepPage, Visit, complete, sealed_request::SealedRequest,
    submission::Submission,
};
use crate::{
    directory::Client,
    journey::{Effect, SilentError, Step},
    protocol::{AuthorizationRequest, OAuthError, OAuthReason, Prompt},
};
use std::sync::Arc;

/// Begins the sign-in of an authorization request. Writes nothing if the browser has no session.
///
/// # Errors
/// [`SignInError::TooLong`], [`SignInError::Rejected`], [`SignInError::SessionEnded`]; a fault when the
/// database does not answer.
pub async fn begin(
    visit: Visit<'_>,
    request: AuthorizationRequest,
    client: Arc<Client>,
) -> Result<Next, SignInError> {
    let browser_hash = visit.cookies.browser.clone().ok_or(SignInError::Foreign)?;
    let sealed = SealedRequest {
        request,
        began_at: visit.context.now,
        browser_hash: Some(browser_hash.clone()),
        shown_to: None,
    };
    let Ok(r) = sealed.seal(visit.app) else {
        return Err(SignInError::TooLong { application: client.name.clone() });
    };
    let mut sign_in = LoadedSignIn::begin(visit, browser_hash, &sealed, client).await?;
    sign_in.sealed = Some(r);
    if sealed.request.prompt.contains(Prompt::None) {
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
        Step::Refused(failure) => Ok(refuse(visit, &sign_in, &complete::error_of(failure))),
        step => Ok(Next::show(sign_in, StepPage::of(&step))),
    }
}

/// Handles `prompt=none`: a code or an error, never a page (OpenID Connect Core §3.1.2.6).
async fn silently(visit: Visit<'_>, sign_in: LoadedSignIn) -> Result<Next, SignInError> {
    let now = visit.context.now;
    let (sign_in, refusal) = match sign_in.journey().silently(now) {
        Err(refusal) => (sign_in, refusal),
        Ok(_) => {
            let mut submission = Submission::begin(visit, sign_in).await?;
            submission.refresh().await?;
            match submission.sign_in.journey().silently(now) {
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
    Ok(refuse(visit, &sign_in, &error))
}

fn refuse(visit: Visit<'_>, sign_in: &LoadedSignIn, error: &OAuthError) -> Next {
    Next::leave(sign_in.request().refuse(error, visit.app.issuer()), sign_in, None)
}
