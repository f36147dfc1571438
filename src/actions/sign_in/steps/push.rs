//! The push step: a challenge is sent to the person's devices, and its approval consumed, only by the browser
//! that began the sign-in.

use crate::{
    actions::{
        approvals::{self, Claim},
        sign_in::{
            Input, LoadedSignIn, Next, SignInError, StepPage, Visit,
            apply::{apply, arrive, begin_and_apply},
            complete, effects,
            submission::Submission,
        },
    },
    audit::AuditEvent,
    clock::Timestamp,
    directory::FactorKind::Push,
    fault::Fault,
    journey::{Effect, Event, SignInFailure},
    limits::push::NotBefore,
    storage::challenges::Challenge,
};
use ::entity::enums::ChallengeState;

/// Sends a challenge: the first one of a step-up, or one that replaces it.
pub(in crate::actions::sign_in) async fn send_challenge(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
) -> Result<Next, SignInError> {
    let now = visit.context.now;
    let is_asked = sign_in.step(now).asks_for(Push);
    let Some(person) = sign_in.person().filter(|_| is_asked) else {
        return arrive(visit, sign_in).await;
    };
    let newest = newest(visit, &sign_in).await?;
    if newest.as_ref().is_some_and(|challenge| is_approved(challenge, now)) {
        return Ok(Next::show(sign_in, StepPage::Factor(Push)));
    }
    if newest.is_some_and(|challenge| challenge.is_denied()) {
        return begin_and_apply(visit, sign_in, Event::Denied(Push)).await;
    }
    let (_, history) = approvals::person_and_history(visit.app, person, now).await?;
    if let Err(not_before) = history.may_ask(sign_in.id(), sign_in.browser_hash(), now) {
        return limited(visit, sign_in, not_before).await;
    }
    sign_in.stored.state.push_limited_until = None;
    let mut submission = Submission::begin(visit, sign_in).await?;
    submission.refresh().await?;
    if !submission.step().asks_for(Push) {
        return arrive(visit, submission.roll_back()).await;
    }
    if submission.save_row().await? {
        effects::run(&submission, &[Effect::ChallengeDevices]).await?;
    }
    submission.commit_and_show(StepPage::Factor(Push)).await
}

/// Refuses to send a challenge now. An open one stays open, and the page says when the next may be sent.
async fn limited(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
    not_before: NotBefore,
) -> Result<Next, SignInError> {
    let mut submission = Submission::begin(visit, sign_in).await?;
    let event = AuditEvent::PushLimited { limit: not_before.limit.as_str() };
    submission.audit(&event, submission.sign_in.about()).await?;
    submission.sign_in.stored.state.push_limited_until = Some(not_before.at);
    submission.save_and_show(StepPage::Factor(Push)).await
}

/// Consumes the approval, if there is one.
pub(in crate::actions::sign_in) async fn take_approval(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
) -> Result<Next, SignInError> {
    let now = visit.context.now;
    let newest = newest(visit, &sign_in).await?;
    if !sign_in.step(now).asks_for(Push) {
        return match approvals::has_lost_its_phone(visit.app, newest.as_ref()).await? {
            true => Ok(Next::show(sign_in, StepPage::Factor(Push))),
            false => arrive(visit, sign_in).await,
        };
    }
    if newest.as_ref().is_some_and(Challenge::is_denied) {
        return begin_and_apply(visit, sign_in, Event::Denied(Push)).await;
    }
    let Some(challenge) = newest.filter(|challenge| is_approved(challenge, now)) else {
        return Ok(Next::show(sign_in, StepPage::Factor(Push)));
    };
    let submission = Submission::begin(visit, sign_in).await?;
    let sign_in = &submission.sign_in;
    let claim = Claim { journey: sign_in.id(), person: sign_in.person(), client: sign_in.client.key };
    let context = sign_in.context(visit);
    match approvals::consume(visit.app, submission.tx(), &context, &challenge, &claim).await? {
        Some(proof) => apply(submission, Event::Proved(proof)).await,
        None => Ok(submission.abandon(StepPage::Factor(Push))),
    }
}

/// Answers a form of the push step after the end of its sign-in. The last button on the page of a denied or a
/// reported one returns to the relying party; any other closed sign-in has already sent its response.
pub(in crate::actions::sign_in) async fn after_end(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
    input: &Input<'_>,
) -> Result<Next, SignInError> {
    match input {
        Input::LeavePush => {
            let newest = newest(visit, &sign_in).await?;
            match newest.is_some_and(|challenge| challenge.has_stopped_its_sign_in()) {
                true => Ok(complete::leave(&sign_in, SignInFailure::Denied)),
                false => Ok(Next::show(sign_in, StepPage::Factor(Push))),
            }
        }
        Input::TakeApproval | Input::SendChallenge | Input::CancelPush => {
            Ok(Next::show(sign_in, StepPage::Factor(Push)))
        }
        _ => Err(sign_in.finished()),
    }
}

async fn newest(visit: Visit<'_>, sign_in: &LoadedSignIn) -> Result<Option<Challenge>, Fault> {
    match sign_in.is_stored() {
        true => approvals::newest(visit.app, sign_in.id()).await,
        false => Ok(None),
    }
}

fn is_approved(challenge: &Challenge, now: Timestamp) -> bool {
    challenge.state_at(now) == ChallengeState::Approved
}
