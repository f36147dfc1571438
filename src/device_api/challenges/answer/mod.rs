//! Accepts a signed answer: parses it, verifies it by pure rules, and stores it by one guarded statement,
//! which only one answer wins.

mod evidence;

use super::state::{advice, unknown};
use crate::{
    actions::{
        approvals::{self, AnswerEffect, Answered as Stored, Challenge},
        devices,
    },
    app::{App, RequestContext},
    device_api::{
        action_error::refused,
        device_request::not_active,
        limits::Limits,
        problem::{Code, Problem},
        words::AnsweredState,
    },
    factors::push::{
        answer::{Answer, AnswerRefusal, Verdict},
        is_open,
    },
};
use ::entity::enums::{AuthenticatorState, ChallengeState};
use evidence::Evidence;
use poem_openapi::Object;

/// The challenge's state after the answer.
#[derive(Object)]
pub struct Answered {
    /// `ch_…`
    cid: String,
    /// `approved`, `denied` or `reported`.
    state: AnsweredState,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// Parses, verifies and stores an answer to the challenge of the path.
pub async fn answer(
    (app, limits): (&App, &Limits),
    context: &RequestContext,
    cid: &str,
    jws: &str,
) -> poem::Result<Answered> {
    let answer = Answer::parse(jws).map_err(refusal)?;
    let evidence = Evidence::gather(app, context, &answer).await?;
    let is_for_path = answer.challenge() == cid;
    let verdict = evidence.judge(app, &answer, is_for_path);
    let context = &context.by(evidence.actor(&verdict));
    let state = match verdict {
        Verdict::Refused(AnswerRefusal::ChallengeUnknown) if !is_for_path => {
            return Err(refusal(AnswerRefusal::Invalid("cid must equal the challenge id in the path")).into());
        }
        Verdict::Refused(refused) => {
            return Err(refuse((app, limits), context, &answer, &evidence, refused).await?);
        }
        Verdict::Repeated => repeat(app, context, &evidence).await?,
        Verdict::NumberMismatch(_) => {
            write(app, context, &answer, &evidence, AnswerEffect::mismatch(answer.binding())).await?
        }
        Verdict::Verified { act, user_verified, credential, .. } => {
            let effect = AnswerEffect::of(act, answer.binding(), user_verified, credential, context.now)?;
            write(app, context, &answer, &evidence, effect).await?
        }
    };
    Ok(Answered { cid: answer.challenge().to_owned(), state, server_time: context.now.unix_seconds() })
}

/// Stores a verified answer, if it is the first.
async fn write(
    app: &App,
    context: &RequestContext,
    answer: &Answer,
    evidence: &Evidence,
    effect: AnswerEffect,
) -> poem::Result<AnsweredState> {
    let by = evidence.answering()?;
    let effect = effect.advised(advice(app, by.challenge()?, context));
    let answered = approvals::answer(app, context, &by, &answer.mark(), &effect).await.map_err(refused)?;
    let Stored::Challenge(row) = answered else {
        return Err(not_active(AuthenticatorState::Suspended).into());
    };
    if answer.is_report() && row.is_reported_late() {
        return Ok(AnsweredState::Reported);
    }
    if row.answer_digest() == Some(&answer.mark().digest) {
        return stored_reply(&row);
    }
    let why = match row.state_at(context.now) {
        ChallengeState::Expired => AnswerRefusal::Expired,
        state if is_open(state) => AnswerRefusal::Expired,
        state => AnswerRefusal::Closed(state),
    };
    Err(refusal(why).into())
}

/// Records a refused answer, and returns the error for the device.
async fn refuse(
    (app, limits): (&App, &Limits),
    context: &RequestContext,
    answer: &Answer,
    evidence: &Evidence,
    why: AnswerRefusal,
) -> poem::Result<poem::Error> {
    match (why, &evidence.device) {
        (AnswerRefusal::DeviceUnknown, device) => {
            if let Some(device) = device {
                devices::count_bad_signature(app, context, device).await.map_err(refused)?;
            }
            let (source, now) = (context.rate_limit_prefix(), context.now);
            return Ok(limits.refuse_unproven(source, now, refusal(why)).into());
        }
        (AnswerRefusal::Invalid(_) | AnswerRefusal::DeviceRevoked | AnswerRefusal::DeviceNotActive(_), _) => {
            return Ok(refusal(why).into());
        }
        _ => {}
    }
    let (by, mark) = (evidence.answering()?, answer.mark());
    let recorded = approvals::record_refused(app, context, &by, &mark, why.code()).await;
    let is_suspended = recorded.map_err(refused)?;
    let answered = if is_suspended { not_active(AuthenticatorState::Suspended) } else { refusal(why) };
    Ok(answered.into())
}

/// Answers a repetition of the accepted answer.
async fn repeat(app: &App, context: &RequestContext, evidence: &Evidence) -> poem::Result<AnsweredState> {
    let by = evidence.answering()?;
    approvals::record_repeated(app, context, &by).await.map_err(refused)?;
    stored_reply(by.challenge()?)
}

/// Returns the response to the accepted answer, whatever became of the challenge since.
fn stored_reply(challenge: &Challenge) -> poem::Result<AnsweredState> {
    match challenge.stored_state() {
        ChallengeState::Denied if challenge.is_mismatch() => {
            let detail = "that is not what the browser shows, and there is no second attempt. If this was you, start again in the \
                          browser. If it was not, change your password.";
            Err(Problem::new(Code::NumberMismatch, detail).state("denied").into())
        }
        ChallengeState::Denied => Ok(AnsweredState::Denied),
        ChallengeState::Reported => Ok(AnsweredState::Reported),
        _ => Ok(AnsweredState::Approved),
    }
}

/// Maps the rules' refusals to the protocol's problems.
fn refusal(refused: AnswerRefusal) -> Problem {
    let (code, detail) = match refused {
        AnswerRefusal::Invalid(detail) => (Code::InvalidAnswer, detail),
        AnswerRefusal::DeviceUnknown => (Code::DeviceUnknown, "no device has proven this key"),
        AnswerRefusal::DeviceRevoked => (Code::DeviceRevoked, "this device was removed"),
        AnswerRefusal::DeviceNotActive(state) => return not_active(state),
        AnswerRefusal::ChallengeUnknown => return unknown(),
        AnswerRefusal::Mismatch => {
            (Code::AnswerMismatch, "chn or dh does not belong to this challenge; fetch it again")
        }
        AnswerRefusal::Expired => {
            (Code::ChallengeExpired, "the challenge has expired; start again in the browser")
        }
        AnswerRefusal::Closed(state) => {
            let detail = "the challenge was answered or withdrawn; see `state`";
            return Problem::new(Code::ChallengeClosed, detail).state(state.as_str());
        }
        AnswerRefusal::UvRequired => (Code::UvRequired, "this answer needs `uv`"),
        AnswerRefusal::UvInvalid => (Code::UvInvalid, "`uv` does not verify over this core"),
    };
    Problem::new(code, detail)
}
