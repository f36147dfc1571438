//! The one place where a sign-in is saved, moved on, finished or given up.

use super::{
    enroll, finish, page,
    progress::{Progress, path_of},
    push,
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
pub(super) async fn settle(
    app: &App,
    visit: &Visit,
    mut progress: Progress,
    tx: Transaction,
    event: Event,
) -> Result<Response> {
    let journey = progress.stored.state.journey.clone();
    let (journey, step, effects) = advance(journey, event, visit.now);
    progress.stored.person_id = journey.person();
    progress.stored.state.journey = journey;
    match &step {
        Step::Satisfied(assurance) => finish::finish(app, visit, progress, tx, assurance, effects).await,
        Step::Refused(refusal) => give_up(app, visit, progress, tx, *refusal, effects).await,
        Step::Identify | Step::Prove { .. } | Step::Enroll(_) | Step::Consent => {
            go_on(app, visit, progress, tx, &step, effects).await
        }
    }
}

/// Saves where a sign-in stands although nothing new is known, and shows that again: a wrong answer, a notice.
pub(super) async fn stay(
    app: &App,
    visit: &Visit,
    progress: Progress,
    tx: Transaction,
    path: Path,
) -> Result<Response> {
    save(app, visit, progress, tx, path).await
}

/// Saves where a sign-in stands, and asks the person's devices: for the first time after a step-up, or again.
pub(super) async fn ask_devices(
    app: &App,
    visit: &Visit,
    mut progress: Progress,
    tx: Transaction,
) -> Result<Response> {
    if save_row(app, &mut progress, &tx, visit).await? {
        push::ring(app, visit, &progress, &tx).await?;
    }
    tx.commit().await?;
    page::see_other(&progress.at(Path::SigninPush))
}

/// Saves where a sign-in stands, and offers a pairing: for the first time after a step-up, or again.
pub(super) async fn offer_enrollment(
    app: &App,
    visit: &Visit,
    mut progress: Progress,
    tx: Transaction,
) -> Result<Response> {
    if save_row(app, &mut progress, &tx, visit).await? {
        enroll::offer(app, visit, &progress, &tx).await?;
    }
    tx.commit().await?;
    page::see_other(&progress.at(Path::SigninEnroll))
}

async fn go_on(
    app: &App,
    visit: &Visit,
    progress: Progress,
    tx: Transaction,
    step: &Step,
    effects: Vec<Effect>,
) -> Result<Response> {
    // The row comes first: challenges and enrollments point at it.
    let mut progress = progress;
    let is_saved = save_row(app, &mut progress, &tx, visit).await?;
    if is_saved {
        carry_out(app, visit, &progress, &tx, &effects).await?;
        if let Step::Enroll(_) = step {
            enroll::offer(app, visit, &progress, &tx).await?;
        }
    }
    tx.commit().await?;
    // Somebody else moved it meanwhile: the page of its step leads to where it is.
    page::see_other(&progress.at(if is_saved { path_of(step) } else { Path::SigninIdentifier }))
}

async fn save(
    app: &App,
    visit: &Visit,
    mut progress: Progress,
    tx: Transaction,
    path: Path,
) -> Result<Response> {
    save_row(app, &mut progress, &tx, visit).await?;
    tx.commit().await?;
    page::see_other(&progress.at(path))
}

/// Inserts or saves the row; `false` when somebody else moved the sign-in meanwhile.
async fn save_row(
    app: &App,
    progress: &mut Progress,
    tx: &Transaction,
    visit: &Visit,
) -> Result<bool, Fault> {
    if progress.is_stored() {
        return journeys::save(tx, &mut progress.stored).await;
    }
    journeys::insert_journey(tx, &progress.stored, visit.now, app.journeys_per_source).await?;
    progress.sealed = None;
    Ok(true)
}

/// Does what a step demands, in its unit.
pub(super) async fn carry_out(
    app: &App,
    visit: &Visit,
    progress: &Progress,
    tx: &Transaction,
    effects: &[Effect],
) -> Result<(), Fault> {
    for effect in effects {
        match effect {
            Effect::ChallengeDevices => push::ring(app, visit, progress, tx).await?,
            Effect::SupersedeChallenges(reason) => {
                let filter = ChallengeFilter::Journey(progress.stored.id);
                app.withdraw_challenges(tx, filter, reason, &visit.audit_source(), visit.now).await?;
            }
            Effect::Audit(event) => {
                app.audit(tx, event, subject(progress), &visit.audit_source(), visit.now).await?;
            }
            // The session that a new one replaces is known only where the new one is made.
            Effect::ForgetSession(_) => {}
        }
    }
    Ok(())
}

/// Ends a sign-in without success, and tells the relying party.
pub(super) async fn give_up(
    app: &App,
    visit: &Visit,
    progress: Progress,
    tx: Transaction,
    refusal: SignInFailure,
    effects: Vec<Effect>,
) -> Result<Response> {
    if progress.is_stored() && !journeys::close(&tx, &progress.stored, visit.now).await? {
        tx.commit().await?;
        return page::see_other(&progress.at(Path::SigninIdentifier));
    }
    // Nobody has been named: a line for each visitor who turns back is no trail of anything.
    if progress.is_stored() || progress.stored.state.journey.person().is_some() {
        carry_out(app, visit, &progress, &tx, &effects).await?;
        tx.commit().await?;
    }
    let error = error_of(refusal);
    page::depart(app, &progress.request().refuse(&error, app.issuer()), &progress.client.name).await
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
pub(super) fn subject(progress: &Progress) -> AuditSubject {
    AuditSubject {
        person: progress.stored.state.journey.person(),
        client: Some(progress.client.key),
        authenticator: None,
        journey: Some(progress.stored.id),
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
