//! One attempt to prove a time-based code (RFC 6238): verified outside any transaction, counted inside one.

use super::{ActionError, reported_source};
use crate::{
    app::{App, RequestContext, sealed_columns},
    audit::{AuditEvent, AuditTarget},
    clock::Timestamp,
    factors::{
        Proof,
        totp::{TotpCandidate, TotpRecord, TotpRefusal, verify as verify_code},
    },
    fault::Fault,
    limits::{
        lockout::{TOTP, TOTP_LONG_TERM, may_try_totp},
        rate_limit::Reservation,
    },
    storage::{
        Transaction, attempts,
        authenticators::{self, Authenticator},
        people,
    },
};
use ::entity::ids::{AuthenticatorId, PersonId};

/// A verified code that is not counted yet.
pub(super) struct Verified<'a> {
    person: PersonId,
    /// Its place among the wrong answers of its source.
    reserved: Reservation<'a>,
    result: Result<(AuthenticatorId, TotpCandidate), TotpRefusal>,
}

/// What became of an attempt.
pub(super) enum Outcome<'a> {
    /// The code is right, and its step is used up.
    Proved(Proof),
    /// The code was refused. The failure is counted, unless the code is malformed, and may have caused a
    /// lockout until then.
    Refused {
        /// The reason.
        refusal: TotpRefusal,
        /// End of the lockout.
        blocked_until: Option<Timestamp>,
    },
    /// Another request has used the code up after it was verified: roll back, and count this.
    UsedMeanwhile(Verified<'a>),
    /// A lockout refuses the attempt, whether or not the code is right: roll back, and record it by
    /// [`record_blocked`].
    Blocked {
        /// End of the lockout.
        until: Timestamp,
    },
}

/// Tries the code with each of the person's generators. The inner error is the end of a lockout, during which
/// nothing is verified.
///
/// # Errors
/// [`ActionError::Limited`] after too many wrong answers from this source; a fault when the database does not
/// answer.
pub(super) async fn verify<'a>(
    app: &'a App,
    context: &RequestContext,
    person: PersonId,
    code: &str,
) -> Result<Result<Verified<'a>, Timestamp>, ActionError> {
    let reserved = app.budgets.reserve(context.rate_limit_prefix(), context.now)?;
    let keys = Keys::of(person);
    let reported = reported_source::key(&person.to_string(), context.rate_limit_prefix());
    if let Err(until) = reported_source::check(&app.storage, &reported, context.now).await? {
        return Ok(Err(until));
    }
    let recent = attempts::find(&app.storage, &keys.recent).await?;
    let long_term = attempts::find(&app.storage, &keys.long_term).await?;
    if let Err(until) = may_try_totp(recent, long_term, context.now) {
        return Ok(Err(until));
    }
    Ok(Ok(Verified { person, reserved, result: check(app, person, code, context.now).await? }))
}

/// Of several refusals the most specific one is returned.
async fn check(
    app: &App,
    person: PersonId,
    code: &str,
    now: Timestamp,
) -> Result<Result<(AuthenticatorId, TotpCandidate), TotpRefusal>, Fault> {
    let mut refusal_shown = TotpRefusal::Wrong;
    for device in authenticators::list_active(&app.storage, person).await? {
        let Some(seed) = seed_of(app, &device) else { continue };
        let record = TotpRecord { person, seed: &seed, last_step: device.totp_last_step() };
        match verify_code(&record, code, now) {
            Ok(candidate) => return Ok(Ok((device.id(), candidate))),
            Err(TotpRefusal::Wrong) => {}
            Err(refusal) => refusal_shown = refusal,
        }
    }
    Ok(Err(refusal_shown))
}

fn seed_of(app: &App, device: &Authenticator) -> Option<Vec<u8>> {
    app.sealing.rows().open(&sealed_columns::totp_seed(device.id()), device.totp_seed()?)
}

/// Counts a verified code. Its actor is that of `context`, and its audit event is about `about`.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn count<'a>(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    verified: Verified<'a>,
    about: AuditTarget,
) -> Result<Outcome<'a>, Fault> {
    let (person, now, keys) = (verified.person, context.now, Keys::of(verified.person));
    if let Err(TotpRefusal::Malformed) = verified.result {
        return Ok(Outcome::Refused { refusal: TotpRefusal::Malformed, blocked_until: None });
    }
    let reported = reported_source::key(&person.to_string(), context.rate_limit_prefix());
    if let Err(until) = reported_source::check(tx, &reported, now).await? {
        return Ok(Outcome::Blocked { until });
    }
    // Read under lock: other attempts may have caused a lockout while this one was checked. The answer must
    // then not reveal whether this code was right.
    let recent = attempts::find_locked(tx, &keys.recent).await?;
    let long_term = attempts::find_locked(tx, &keys.long_term).await?;
    if let Err(until) = may_try_totp(recent, long_term, now) {
        return Ok(Outcome::Blocked { until });
    }
    let (device, candidate) = match verified.result {
        Ok(found) => found,
        Err(refusal) => {
            verified.reserved.keep();
            let recent = attempts::fail(tx, &keys.recent, &TOTP, now).await?;
            let long_term = attempts::fail(tx, &keys.long_term, &TOTP_LONG_TERM, now).await?;
            app.audit(tx, context, &AuditEvent::TotpWrong { reason: reason(refusal) }, about).await?;
            let blocked_until = recent.blocked_until.max(long_term.blocked_until);
            return Ok(Outcome::Refused { refusal, blocked_until });
        }
    };
    people::lock(tx, person).await?;
    attempts::succeed(tx, &keys.recent, &TOTP, now).await?;
    attempts::succeed(tx, &keys.long_term, &TOTP_LONG_TERM, now).await?;
    let receipt = authenticators::take_totp_step(tx, device, candidate.step, now).await?;
    Ok(match receipt {
        Some(receipt) => Outcome::Proved(candidate.candidate.by(device).confirm(receipt)),
        None => {
            let result = Err(TotpRefusal::AlreadyUsed);
            Outcome::UsedMeanwhile(Verified { person, reserved: verified.reserved, result })
        }
    })
}

/// Returns the word of the audit event. A malformed code is not counted, and has none.
fn reason(refusal: TotpRefusal) -> &'static str {
    match refusal {
        TotpRefusal::Malformed | TotpRefusal::Wrong => "wrong",
        TotpRefusal::AlreadyUsed => "already_used",
        TotpRefusal::ClockOff { .. } => "clock_off",
    }
}

/// Records an attempt that a lockout refused. It counts against its source like a wrong code, because each
/// refusal writes an audit event.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn record_blocked(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    until: Timestamp,
    about: AuditTarget,
) -> Result<(), Fault> {
    app.budgets.count(context.rate_limit_prefix(), context.now);
    app.audit(tx, context, &AuditEvent::TotpBlocked { until: until.unix_seconds() }, about).await
}

struct Keys {
    recent: String,
    long_term: String,
}

impl Keys {
    fn of(person: PersonId) -> Self {
        Self { recent: format!("totp:{person}"), long_term: format!("totp_long_term:{person}") }
    }
}
