//! The one place where a sign-in is saved, moved on, finished or given up.

use super::{
    enroll, finish,
    load::{LoadedSignIn, path_of},
    page, push,
    visit::Visit,
};
use crate::{
    app::App,
    audit::AuditSubject,
    http::urls::Path,
    journey::{Effect, Event, SignInFailure, Step, advance},
    protocol::{OAuthError, OAuthReason},
    storage::{Fault, Transaction, challenges::ChallengeFilter, journeys},
};
use poem::{Response, Result};

/// One new fact, what follows from it, and the address to go on at. `tx` holds what was used up for the fact; it is
/// committed here, whatever comes of the sign-in.
pub(super) async fn apply_event(
    app: &App,
    visit: &Visit,
    mut loaded: LoadedSignIn,
    tx: Transaction,
    event: Event,
) -> Result<Response> {
    let journey = loaded.stored.state.journey.clone();
    let (journey, step, effects) = advance(journey, event, visit.now);
    loaded.stored.person_id = journey.person();
    loaded.stored.state.journey = journey;
    match &step {
        Step::Satisfied(assurance) => finish::finish(app, visit, loaded, tx, assurance, effects).await,
        Step::Refused(refusal) => fail(app, visit, loaded, tx, *refusal, effects).await,
        Step::Identify | Step::Prove { .. } | Step::Enroll(_) | Step::Consent => {
            continue_sign_in(app, visit, loaded, tx, &step, effects).await
        }
    }
}

/// Saves where a sign-in stands although nothing new is known, and shows that again: a wrong answer, a notice.
pub(super) async fn save_and_show(
    app: &App,
    visit: &Visit,
    loaded: LoadedSignIn,
    tx: Transaction,
    path: Path,
) -> Result<Response> {
    save(app, visit, loaded, tx, path).await
}

/// Saves where a sign-in stands, and asks the person's devices: for the first time after a step-up, or again.
pub(super) async fn ask_devices(
    app: &App,
    visit: &Visit,
    mut loaded: LoadedSignIn,
    tx: Transaction,
) -> Result<Response> {
    if save_row(app, &mut loaded, &tx, visit).await? {
        push::send_challenge(app, visit, &loaded, &tx).await?;
    }
    tx.commit().await?;
    page::see_other(&loaded.at(Path::SigninPush))
}

/// Saves where a sign-in stands, and offers a pairing: for the first time after a step-up, or again.
pub(super) async fn offer_enrollment(
    app: &App,
    visit: &Visit,
    mut loaded: LoadedSignIn,
    tx: Transaction,
) -> Result<Response> {
    if save_row(app, &mut loaded, &tx, visit).await? {
        enroll::offer(app, visit, &loaded, &tx).await?;
    }
    tx.commit().await?;
    page::see_other(&loaded.at(Path::SigninEnroll))
}

async fn continue_sign_in(
    app: &App,
    visit: &Visit,
    loaded: LoadedSignIn,
    tx: Transaction,
    step: &Step,
    effects: Vec<Effect>,
) -> Result<Response> {
    // The row comes first: challenges and enrollments point at it.
    let mut loaded = loaded;
    let is_saved = save_row(app, &mut loaded, &tx, visit).await?;
    if is_saved {
        run_effects(app, visit, &loaded, &tx, &effects).await?;
        if let Step::Enroll(_) = step {
            enroll::offer(app, visit, &loaded, &tx).await?;
        }
    }
    tx.commit().await?;
    // Somebody else moved it meanwhile: the page of its step leads to where it is.
    page::see_other(&loaded.at(if is_saved { path_of(step) } else { Path::SigninIdentifier }))
}

async fn save(
    app: &App,
    visit: &Visit,
    mut loaded: LoadedSignIn,
    tx: Transaction,
    path: Path,
) -> Result<Response> {
    save_row(app, &mut loaded, &tx, visit).await?;
    tx.commit().await?;
    page::see_other(&loaded.at(path))
}

/// Inserts or saves the row; `false` when somebody else moved the sign-in meanwhile.
async fn save_row(
    app: &App,
    loaded: &mut LoadedSignIn,
    tx: &Transaction,
    visit: &Visit,
) -> Result<bool, Fault> {
    if loaded.is_stored() {
        return journeys::save(tx, &mut loaded.stored).await;
    }
    journeys::insert_journey(tx, &loaded.stored, visit.now, app.journeys_per_source).await?;
    loaded.sealed = None;
    Ok(true)
}

/// Does what a step demands, in its unit.
pub(super) async fn run_effects(
    app: &App,
    visit: &Visit,
    loaded: &LoadedSignIn,
    tx: &Transaction,
    effects: &[Effect],
) -> Result<(), Fault> {
    for effect in effects {
        match effect {
            Effect::ChallengeDevices => push::send_challenge(app, visit, loaded, tx).await?,
            Effect::SupersedeChallenges(reason) => {
                let filter = ChallengeFilter::Journey(loaded.stored.id);
                app.withdraw_challenges(tx, filter, reason, &visit.audit_source(), visit.now).await?;
            }
            Effect::Audit(event) => {
                app.audit(tx, event, subject(loaded), &visit.audit_source(), visit.now).await?;
            }
            // The session that a new one replaces is known only where the new one is made.
            Effect::ForgetSession(_) => {}
        }
    }
    Ok(())
}

/// Ends a sign-in without success, and tells the relying party.
pub(super) async fn fail(
    app: &App,
    visit: &Visit,
    loaded: LoadedSignIn,
    tx: Transaction,
    refusal: SignInFailure,
    effects: Vec<Effect>,
) -> Result<Response> {
    if loaded.is_stored() && !journeys::close(&tx, &loaded.stored, visit.now).await? {
        tx.commit().await?;
        return page::see_other(&loaded.at(Path::SigninIdentifier));
    }
    // Nobody has been named: a line for each visitor who turns back is no trail of anything.
    if loaded.is_stored() || loaded.stored.state.journey.person().is_some() {
        run_effects(app, visit, &loaded, &tx, &effects).await?;
        tx.commit().await?;
    }
    let error = error_of(refusal);
    page::redirect_to_client(app, &loaded.request().refuse(&error, app.issuer()), &loaded.client.name).await
}

/// What a relying party is told of a sign-in that is over.
pub(super) fn error_of(refusal: SignInFailure) -> OAuthError {
    match refusal {
        SignInFailure::Cancelled | SignInFailure::Denied => OAuthReason::PersonDeclined.into(),
        SignInFailure::Unmet => OAuthReason::AcrUnreachable.into(),
        SignInFailure::OtherPerson => OAuthReason::PersonDiffers.into(),
        SignInFailure::TimedOut => OAuthReason::SignInTimedOut.into(),
    }
}

/// Whom and what a line of the trail is about.
pub(super) fn subject(loaded: &LoadedSignIn) -> AuditSubject {
    AuditSubject {
        person: loaded.stored.state.journey.person(),
        client: Some(loaded.client.key),
        authenticator: None,
        journey: Some(loaded.stored.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    #[test]
    fn an_application_whose_person_saw_pages_hears_nothing_of_prompt_none() {
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
