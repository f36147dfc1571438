//! Accepts a signed answer: parses it, verifies it by pure rules, and stores it by one guarded statement,
//! which only one answer wins.

mod effects;
mod evidence;

use super::state::current_state;
use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    device_api::{
        device_request::not_active,
        limits::Limits,
        problem::{Code, Problem},
        suspension::{count_bad_signature, suspend},
    },
    factors::push::{
        ChallengeState, DeviceState,
        answer::{Answer, AnswerRefusal, Verdict},
    },
    storage::{
        Fault, Transaction, authenticators,
        authenticators::Counter,
        challenges,
        challenges::{Challenge, NUMBER_MISMATCH},
    },
};
use ::entity::{authenticator::AuthenticatorState, challenge::ChallengeState as Column};
use effects::AnswerEffect;
use evidence::Evidence;
use poem_openapi::Object;

/// The challenge's state after the answer.
#[derive(Object)]
pub struct Answered {
    /// `ch_…`
    cid: String,
    /// `approved`, `denied` or `reported`.
    state: String,
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
    let evidence = Evidence::gather(app, &answer, context.now).await?;
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
    Ok(Answered {
        cid: answer.challenge().to_owned(),
        state: state.to_owned(),
        server_time: context.now.unix_seconds(),
    })
}

/// Stores a verified answer, if it is the first.
async fn write(
    app: &App,
    context: &RequestContext,
    answer: &Answer,
    evidence: &Evidence,
    effect: AnswerEffect,
) -> poem::Result<&'static str> {
    let (device, challenge) = evidence.parties()?;
    let tx = app.storage.begin().await?;
    // The person's row is locked before challenge and sign-ins everywhere: a report closes sign-ins while one
    // of them may be advancing.
    challenges::lock_person(&tx, device.person_id).await?;
    if is_cloned(app, &tx, context, answer, evidence).await? {
        tx.commit().await?;
        return Err(not_active(AuthenticatorState::Suspended).into());
    }
    let written = effect.answer(device.id, answer.mark().digest.to_vec());
    let is_first = challenges::answer(&tx, challenge.id, written, context.now).await?;
    if is_first {
        effect.follow(app, &tx, context, evidence).await?;
    }
    let row = challenges::find(&tx, challenge.id).await?;
    tx.commit().await?;
    let row = row.ok_or_else(|| Fault::broken(format!("challenge {} no longer exists", challenge.id)))?;
    if row.answer_digest.as_deref() == Some(&answer.mark().digest) {
        return stored_reply(&row);
    }
    let refused = match current_state(&row, context.now) {
        ChallengeState::Expired => AnswerRefusal::Expired,
        state if state.is_open() => AnswerRefusal::Expired,
        state => AnswerRefusal::Closed(state),
    };
    Err(refusal(refused).into())
}

/// Records the counter. The same counter with other bytes means that two parties hold the key: the device is
/// suspended.
async fn is_cloned(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    answer: &Answer,
    evidence: &Evidence,
) -> Result<bool, Fault> {
    let Some(device) = &evidence.device else { return Ok(false) };
    let mark = answer.mark();
    if authenticators::note_counter(tx, device.id, mark.ctr, &mark.digest).await? != Counter::Cloned {
        return Ok(false);
    }
    evidence.record(app, tx, context, AuditEvent::AnswerCounterConflict { ctr: mark.ctr }).await?;
    suspend(app, tx, device, "counter_conflict", context).await?;
    Ok(true)
}

/// Records a refused answer, and returns the error for the device.
async fn refuse(
    (app, limits): (&App, &Limits),
    context: &RequestContext,
    answer: &Answer,
    evidence: &Evidence,
    refused: AnswerRefusal,
) -> poem::Result<poem::Error> {
    match (refused, &evidence.device) {
        (AnswerRefusal::DeviceUnknown, device) => {
            if let Some(device) = device {
                count_bad_signature(app, device, context).await?;
            }
            let (source, now) = (context.rate_limit_prefix(), context.now);
            return Ok(limits.refuse_unproven(source, now, refusal(refused)).into());
        }
        (AnswerRefusal::Invalid(_) | AnswerRefusal::DeviceRevoked | AnswerRefusal::DeviceNotActive(_), _) => {
            return Ok(refusal(refused).into());
        }
        _ => {}
    }
    let tx = app.storage.begin().await?;
    let is_cloned = is_cloned(app, &tx, context, answer, evidence).await?;
    if !is_cloned {
        let event = AuditEvent::AnswerRefused { reason: refused.code() };
        evidence.record(app, &tx, context, event).await?;
    }
    tx.commit().await?;
    let answered = if is_cloned { not_active(AuthenticatorState::Suspended) } else { refusal(refused) };
    Ok(answered.into())
}

/// Answers a repetition of the accepted answer.
async fn repeat(app: &App, context: &RequestContext, evidence: &Evidence) -> poem::Result<&'static str> {
    let (_, challenge) = evidence.parties()?;
    let tx = app.storage.begin().await?;
    evidence.record(app, &tx, context, AuditEvent::AnswerReplayed).await?;
    tx.commit().await?;
    stored_reply(challenge)
}

/// Returns the response to the accepted answer, whatever became of the challenge since.
fn stored_reply(challenge: &Challenge) -> poem::Result<&'static str> {
    match challenge.state {
        Column::Denied if challenge.reason.as_deref() == Some(NUMBER_MISMATCH) => {
            let detail = "that is not what the browser shows, and there is no second attempt. If this was you, start again in the \
                          browser. If it was not, change your password.";
            Err(Problem::new(Code::NumberMismatch, detail).state("denied").into())
        }
        Column::Denied => Ok("denied"),
        Column::Reported => Ok("reported"),
        _ => Ok("approved"),
    }
}

/// Maps the rules' refusals to the protocol's problems.
fn refusal(refused: AnswerRefusal) -> Problem {
    let (code, detail) = match refused {
        AnswerRefusal::Invalid(detail) => (Code::InvalidAnswer, detail),
        AnswerRefusal::DeviceUnknown => (Code::DeviceUnknown, "no device has proven this key"),
        AnswerRefusal::DeviceRevoked => (Code::DeviceRevoked, "this device was removed"),
        AnswerRefusal::DeviceNotActive(state) => return not_active(column_of(state)),
        AnswerRefusal::ChallengeUnknown => return super::unknown(),
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

fn column_of(state: DeviceState) -> AuthenticatorState {
    match state {
        DeviceState::PendingConfirm => AuthenticatorState::PendingConfirm,
        DeviceState::Active => AuthenticatorState::Active,
        DeviceState::Suspended => AuthenticatorState::Suspended,
        DeviceState::Revoked => AuthenticatorState::Revoked,
    }
}
