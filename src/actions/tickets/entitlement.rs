//! Why a sign-in may add a second factor, or that a ticket is needed first.

use crate::{
    directory::{FirstDeviceRule, Person},
    fault::Fault,
    storage::{Executor, authenticators::Entitlement, pools, tickets},
};
use ::entity::ids::JourneyId;

/// Whether a sign-in may add a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::actions) enum Entitled {
    /// It may, for this reason.
    By(Entitlement),
    /// It may not before a ticket is redeemed in it.
    TicketOwed,
}

/// Reads whether the sign-in `journey` of `person` may add a second factor; `is_proved` says that one was proved in it.
/// The statement that activates a device checks the result again.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn entitled(
    db: &impl Executor,
    person: &Person,
    journey: JourneyId,
    is_proved: bool,
) -> Result<Entitled, Fault> {
    if is_proved {
        return Ok(Entitled::By(Entitlement::ProvedBySecondFactor));
    }
    let rule = pools::get(db, person.pool_id).await?.policy.first_device;
    if rule == FirstDeviceRule::FirstFactor && !tickets::is_required(db, person.id).await? {
        return Ok(Entitled::By(Entitlement::FirstSecondFactor));
    }
    Ok(match tickets::has_redeemed(db, journey).await? {
        true => Entitled::By(Entitlement::FirstSecondFactorByTicket(journey)),
        false => Entitled::TicketOwed,
    })
}
