//! The one entry for every form of a sign-in.

use super::{
    GivenHandle, Input, LoadedSignIn, Next, SignInError, StepPage, Visit,
    apply::{arrive, begin_and_apply},
    load::{Loaded, find},
    steps,
};
use crate::journey::{Event, Step};

/// Accepts a submitted form: establishes one new fact, and runs its effects in one write transaction.
///
/// # Errors
/// [`SignInError`]; a lost race is none, but leads to the current step.
pub async fn submit(
    visit: Visit<'_>,
    handle: GivenHandle<'_>,
    input: Input<'_>,
) -> Result<Next, SignInError> {
    let sign_in = match find(visit, handle).await? {
        Loaded::Open(sign_in) => *sign_in,
        Loaded::Closed(sign_in) => return steps::after_end(visit, *sign_in, &input).await,
    };
    match input {
        Input::Cancel | Input::CancelPush | Input::LeavePush => {
            begin_and_apply(visit, sign_in, Event::GaveUp).await
        }
        Input::Identify { username, password } => steps::identify(visit, sign_in, username, password).await,
        Input::Password(typed) => steps::prove_password(visit, sign_in, typed).await,
        Input::NewPassword { password, again } => {
            steps::change_password(visit, sign_in, password, again).await
        }
        Input::Code(typed) => steps::prove_code(visit, sign_in, typed).await,
        Input::SendChallenge => steps::send_challenge(visit, sign_in).await,
        Input::TakeApproval => steps::take_approval(visit, sign_in).await,
        Input::OfferEnrollment => steps::offer_enrollment(visit, sign_in).await,
        Input::ConfirmEnrollment(typed) => steps::confirm_enrollment(visit, sign_in, typed).await,
        Input::Ticket(typed) => steps::redeem_ticket(visit, sign_in, typed).await,
        Input::CancelEnrollment => steps::cancel_enrollment(visit, sign_in).await,
        Input::Consent(is_given) => consent(visit, sign_in, is_given).await,
        Input::Show(page) => show(visit, sign_in, page).await,
        Input::Nothing => arrive(visit, sign_in).await,
    }
}

/// Shows a page that the current step offers, and changes nothing.
async fn show(visit: Visit<'_>, sign_in: LoadedSignIn, page: StepPage) -> Result<Next, SignInError> {
    let now = visit.context.now;
    let step = sign_in.step(now);
    let is_offered = match page {
        StepPage::Identifier => sign_in.may_identify(now),
        StepPage::Factor(kind) => step.asks_for(kind),
        page => page == StepPage::of(&step),
    };
    if is_offered { Ok(Next::show(sign_in, page)) } else { arrive(visit, sign_in).await }
}

/// Accepts the decision about the requested scopes. A consent is remembered when the sign-in succeeds.
async fn consent(visit: Visit<'_>, sign_in: LoadedSignIn, is_given: bool) -> Result<Next, SignInError> {
    let step = sign_in.step(visit.context.now);
    if sign_in.is_of_another_person() {
        return Ok(Next::show(sign_in, StepPage::of(&step)));
    }
    // A denial counts whatever has changed since the page was shown.
    let event = if is_given { Event::Consented } else { Event::GaveUp };
    if is_given && step != Step::Consent {
        return arrive(visit, sign_in).await;
    }
    begin_and_apply(visit, sign_in, event).await
}
