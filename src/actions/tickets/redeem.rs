//! One attempt to redeem a ticket: counted like a one-time code, whether there is a ticket or not.

use super::create::code_hash;
use crate::{
    app::{App, RequestContext},
    audit::{AuditEvent, AuditTarget},
    clock::Timestamp,
    factors::push::enrollment::normalize_code,
    fault::Fault,
    limits::lockout::TICKET,
    storage::{Transaction, attempts, tickets},
};
use ::entity::ids::{JourneyId, PersonId};

/// What became of an attempt.
pub(in crate::actions) enum Outcome {
    /// The ticket is redeemed in this sign-in.
    Redeemed,
    /// There is no such ticket, or it is used or too old. The failure is counted, and may have caused a lockout until
    /// then.
    Wrong {
        /// End of the lockout.
        blocked_until: Option<Timestamp>,
    },
    /// A lockout refuses the attempt, whether or not the code is right: roll back, and record it by
    /// [`record_blocked`].
    Blocked {
        /// End of the lockout.
        until: Timestamp,
    },
}

/// Reads a typed code as activation codes are read: case, dashes and spaces do not matter. `None` for another form,
/// which is not counted.
pub(in crate::actions) fn normalized(typed: &str) -> Option<String> {
    normalize_code(typed)
}

/// Redeems the ticket of `person` with this normalized code in the sign-in `journey`. The same statements run for a
/// right code and for a wrong one.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn redeem(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    (person, journey): (PersonId, JourneyId),
    (code, about): (&str, AuditTarget),
) -> Result<Outcome, Fault> {
    let (key, now) = (key(person), context.now);
    let failures = attempts::find_locked(tx, &key).await?;
    if let Some(Err(until)) = failures.map(|failures| failures.check(now)) {
        return Ok(Outcome::Blocked { until });
    }
    if tickets::redeem(tx, person, &code_hash(app, person, code), journey, now).await? {
        attempts::succeed(tx, &key, &TICKET, now).await?;
        app.audit(tx, context, &AuditEvent::TicketRedeemed, about).await?;
        return Ok(Outcome::Redeemed);
    }
    app.budgets.count(context.rate_limit_prefix(), now);
    let failures = attempts::fail(tx, &key, &TICKET, now).await?;
    app.audit(tx, context, &AuditEvent::TicketWrong, about).await?;
    Ok(Outcome::Wrong { blocked_until: failures.blocked_until })
}

/// Records an attempt that a lockout refused. It counts against its source like a wrong code, because each refusal
/// writes an audit event.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn record_blocked(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    until: Timestamp,
    about: AuditTarget,
) -> Result<(), Fault> {
    app.budgets.count(context.rate_limit_prefix(), context.now);
    app.audit(tx, context, &AuditEvent::TicketBlocked { until: until.unix_seconds() }, about).await
}

fn key(person: PersonId) -> String {
    format!("ticket:{person}")
}
