//! The one place that saves, continues, finishes or fails a sign-in.

use super::{
    client_response::redirect_to_client,
    enroll, finish,
    load::{LoadedSignIn, path_of},
    push,
};
use crate::{
    actions::approvals,
    app::App,
    directory::FactorKind,
    http::urls::Path,
    journey::{Effect, Event, SignInFailure, Step, advance},
    protocol::{OAuthError, OAuthReason},
    storage::{Fault, Transaction, challenges::ChallengeFilter, journeys},
    web::{Browser, page},
};
use poem::{Response, Result};

/// Applies one new fact and its effects, and redirects to the next step. The caller has consumed the fact's
/// single-use value, such as a one-time code, in `tx`. This function commits `tx` also when the sign-in goes
/// no further, so that the value stays consumed.
pub(super) async fn apply_event(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    tx: Transaction,
    event: Event,
) -> Result<Response> {
    let event = match event {
        Event::Identified(named) => Event::Identified(loaded.read_in(app, browser, &tx, named.person).await?),
        // Read in this transaction by the caller, after its own changes.
        Event::Refreshed(_) => event,
        event => {
            loaded.refresh_in(app, browser, &tx).await?;
            event
        }
    };
    let journey = loaded.stored.state.journey.clone();
    let (journey, step, mut effects) = advance(journey, event, browser.context.now);
    if journey.is_barred() {
        effects.push(Effect::Audit(loaded.why_barred(&tx).await?));
    }
    loaded.stored.person_id = journey.person();
    loaded.stored.state.journey = journey;
    match &step {
        Step::Satisfied(assurance) => finish::finish(app, browser, loaded, tx, assurance, effects).await,
        Step::Refused(refusal) => fail(app, browser, loaded, tx, *refusal, effects).await,
        Step::Identify | Step::Prove { .. } | Step::Enroll(_) | Step::Consent => {
            continue_sign_in(app, browser, loaded, tx, &step, effects).await
        }
    }
}

/// Redirects from a form of another step to the current one. A sign-in that is complete or over, because
/// something has changed elsewhere, is finished or failed here, because a GET must not do that.
pub(super) async fn go_to_step(app: &App, browser: &Browser, loaded: LoadedSignIn) -> Result<Response> {
    match loaded.step(browser) {
        Step::Satisfied(_) | Step::Refused(_) if loaded.is_stored() => {
            apply_event(app, browser, loaded, app.storage.begin().await?, Event::Arrived).await
        }
        step => page::see_other(&loaded.at(path_of(&step))),
    }
}

/// Saves a sign-in without a new fact and shows the page at `path` again, with a notice: for example after a
/// wrong answer.
pub(super) async fn save_and_show(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    tx: Transaction,
    path: Path,
) -> Result<Response> {
    save(app, browser, loaded, tx, path).await
}

/// Saves a sign-in and sends a challenge to the person's devices. It is the first challenge of a sign-in that
/// began with a step-up, or replaces an earlier one.
pub(super) async fn ask_devices(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    tx: Transaction,
) -> Result<Response> {
    loaded.refresh_in(app, browser, &tx).await?;
    if !loaded.step(browser).asks_for(FactorKind::Push) {
        drop(tx);
        return go_to_step(app, browser, loaded).await;
    }
    if save_row(app, &mut loaded, &tx, browser).await? {
        push::send_challenge(app, browser, &loaded, &tx).await?;
    }
    tx.commit().await?;
    page::see_other(&loaded.at(Path::SigninPush))
}

/// Saves a sign-in and offers an enrollment. It is the first offer of a sign-in that began with a step-up, or
/// replaces an earlier one. Refuses when the person has a second factor by now.
pub(super) async fn offer_enrollment(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    tx: Transaction,
) -> Result<Response> {
    loaded.refresh_in(app, browser, &tx).await?;
    if !matches!(loaded.step(browser), Step::Enroll(_)) {
        return enroll::overtaken(app, browser, loaded, tx).await;
    }
    if save_row(app, &mut loaded, &tx, browser).await? {
        enroll::offer(app, browser, &loaded, &tx).await?;
    }
    tx.commit().await?;
    page::see_other(&loaded.at(Path::SigninEnroll))
}

async fn continue_sign_in(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    tx: Transaction,
    step: &Step,
    effects: Vec<Effect>,
) -> Result<Response> {
    // The row comes first: challenges and enrollments reference it.
    let mut loaded = loaded;
    let is_saved = save_row(app, &mut loaded, &tx, browser).await?;
    if is_saved {
        run_effects(app, browser, &loaded, &tx, &effects).await?;
        if let Step::Enroll(_) = step {
            enroll::offer(app, browser, &loaded, &tx).await?;
        }
    }
    tx.commit().await?;
    // If another request has changed the row, the identifier page redirects to the current step.
    page::see_other(&loaded.at(if is_saved { path_of(step) } else { Path::SigninIdentifier }))
}

async fn save(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    tx: Transaction,
    path: Path,
) -> Result<Response> {
    save_row(app, &mut loaded, &tx, browser).await?;
    tx.commit().await?;
    page::see_other(&loaded.at(path))
}

/// Inserts or updates the row; `false` when another request has changed the sign-in.
async fn save_row(
    app: &App,
    loaded: &mut LoadedSignIn,
    tx: &Transaction,
    browser: &Browser,
) -> Result<bool, Fault> {
    if loaded.is_stored() {
        return journeys::save(tx, &mut loaded.stored).await;
    }
    journeys::insert_journey(tx, &loaded.stored, browser.context.now, app.journeys_per_source).await?;
    loaded.sealed = None;
    Ok(true)
}

/// Runs the effects of a step in its transaction.
pub(super) async fn run_effects(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    tx: &Transaction,
    effects: &[Effect],
) -> Result<(), Fault> {
    for effect in effects {
        match effect {
            Effect::ChallengeDevices => push::send_challenge(app, browser, loaded, tx).await?,
            Effect::SupersedeChallenges(reason) => {
                let filter = ChallengeFilter::Journey(loaded.stored.id);
                approvals::withdraw(app, tx, filter, *reason, &loaded.context(browser)).await?;
            }
            Effect::Audit(event) => {
                app.audit(tx, &loaded.context(browser), event, loaded.about()).await?;
            }
            // `finish::sign_in_browser` replaces the session, because only it knows the new one.
            Effect::ForgetSession(_) => {}
        }
    }
    Ok(())
}

/// Ends a sign-in without success and sends the error to the relying party.
pub(super) async fn fail(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    tx: Transaction,
    refusal: SignInFailure,
    effects: Vec<Effect>,
) -> Result<Response> {
    if loaded.is_stored() && !journeys::close(&tx, &loaded.stored, browser.context.now).await? {
        tx.commit().await?;
        return page::see_other(&loaded.at(Path::SigninIdentifier));
    }
    // An abandoned sign-in is audited only once it is stored or its user is known.
    if loaded.is_stored() || loaded.stored.state.journey.person().is_some() {
        run_effects(app, browser, &loaded, &tx, &effects).await?;
        tx.commit().await?;
    }
    let error = error_of(refusal);
    redirect_to_client(&browser.context, &loaded.request().refuse(&error, app.issuer()), &loaded.client.name)
}

/// Returns the error that the relying party receives for a failed sign-in.
pub(super) fn error_of(refusal: SignInFailure) -> OAuthError {
    match refusal {
        SignInFailure::Cancelled | SignInFailure::Denied => OAuthReason::PersonDeclined.into(),
        SignInFailure::Unmet => OAuthReason::AcrUnreachable.into(),
        SignInFailure::OtherPerson => OAuthReason::PersonDiffers.into(),
        SignInFailure::TimedOut => OAuthReason::SignInTimedOut.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    #[test]
    fn the_error_of_an_interactive_sign_in_does_not_mention_prompt_none() {
        for (refusal, code) in [
            (SignInFailure::Cancelled, ErrorCode::AccessDenied),
            (SignInFailure::Denied, ErrorCode::AccessDenied),
            (SignInFailure::Unmet, ErrorCode::UnmetAuthenticationRequirements),
            (SignInFailure::OtherPerson, ErrorCode::LoginRequired),
            (SignInFailure::TimedOut, ErrorCode::LoginRequired),
        ] {
            let error = error_of(refusal);
            assert_eq!(error.code(), code);
            assert!(!error.description().contains("prompt"), "{}", error.description());
        }
        assert!(OAuthError::from(OAuthReason::LoginRequired).description().contains("prompt=none"));
    }
}
