//! The one place that saves, continues, finishes or fails a sign-in.

use super::{LoadedSignIn, Next, SignInError, StepPage, Visit, complete, effects, submission::Submission};
use crate::journey::{Effect, Event, Step};

/// Applies one new fact and its effects. The caller has consumed the fact's single-use value, such as a
/// one-time code, in the transaction. It is committed also when the sign-in goes no further, so that the value
/// stays consumed.
pub(super) async fn apply(mut submission: Submission<'_>, event: Event) -> Result<Next, SignInError> {
    let event = match event {
        Event::Identified(named) => {
            let (visit, tx) = (submission.visit, submission.tx());
            let named = named.methods.person;
            Event::Identified(Box::new(submission.sign_in.read_in(visit, tx, named).await?))
        }
        // Read in this transaction by the caller, after its own changes.
        Event::DeviceAdded(_) | Event::PasswordChanged(_) => event,
        event => {
            submission.refresh().await?;
            event
        }
    };
    let now = submission.now();
    let (step, mut effects) = submission.sign_in.advance(event, now);
    if submission.sign_in.is_barred() {
        effects.push(Effect::Audit(submission.sign_in.why_barred(submission.tx()).await?));
    }
    match &step {
        Step::Satisfied(assurance) => complete::succeed(submission, assurance, &effects).await,
        Step::Refused(failure) => complete::fail(submission, *failure, &effects).await,
        Step::Identify | Step::Prove { .. } | Step::ChangePassword | Step::Enroll { .. } | Step::Consent => {
            go_on(submission, &step, &effects).await
        }
    }
}

/// Applies one new fact in a transaction of its own.
pub(super) async fn begin_and_apply(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
    event: Event,
) -> Result<Next, SignInError> {
    apply(Submission::begin(visit, sign_in).await?, event).await
}

/// Shows the current step in place of the submitted one. A sign-in that is complete or over, because something
/// has changed elsewhere, is finished or failed here, because a GET must not do that.
pub(super) async fn arrive(visit: Visit<'_>, sign_in: LoadedSignIn) -> Result<Next, SignInError> {
    match sign_in.step(visit.context.now) {
        Step::Satisfied(_) | Step::Refused(_) if sign_in.is_stored() => {
            begin_and_apply(visit, sign_in, Event::Arrived).await
        }
        step => Ok(Next::show(sign_in, StepPage::of(&step))),
    }
}

async fn go_on(mut submission: Submission<'_>, step: &Step, effects: &[Effect]) -> Result<Next, SignInError> {
    // The row comes first: challenges and enrollments reference it.
    if !submission.save_row().await? {
        // Another request has changed the row: the identifier page redirects to the current step.
        return submission.commit_and_show(StepPage::Identifier).await;
    }
    effects::run(&submission, effects).await?;
    submission.commit_and_show(StepPage::of(step)).await
}
