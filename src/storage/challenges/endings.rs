//! Ends challenges that will not be answered.

use super::{Challenge, list_devices, list_open};
use crate::{
    clock::Timestamp,
    factors::push::{ChallengeTransition, WithdrawalReason},
    storage::{
        Executor, Fault, Topic, Transaction,
        transitions::{change_at, guard},
    },
};
use ::entity::{
    challenge::{Column, Entity},
    enums::ChallengeState,
    ids::{AuthenticatorId, ChallengeId, JourneyId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select, sea_query::Expr};

/// Selects challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeFilter {
    /// Those of a sign-in.
    Journey(JourneyId),
    /// All of a person.
    Person(PersonId),
    /// Those that were sent to this device alone.
    Device(AuthenticatorId),
}

/// Withdraws the selected challenges that can still be answered, for `reason`, and returns them.
///
/// # Errors
/// When the database does not answer.
pub async fn supersede(
    tx: &Transaction,
    filter: ChallengeFilter,
    reason: WithdrawalReason,
    now: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    let selected = match filter {
        ChallengeFilter::Journey(journey) => Column::JourneyId.eq(journey),
        ChallengeFilter::Person(person) => Column::PersonId.eq(person),
        ChallengeFilter::Device(device) => {
            Column::Id.is_in(list_open_of_device_alone(tx, device, now).await?)
        }
    };
    let superseded = change_at::<Entity>(ChallengeTransition::Supersede, now)
        .col_expr(Column::Reason, Expr::value(reason.as_str()))
        .filter(selected)
        .exec_with_returning(tx.connection())
        .await?;
    for challenge in &superseded {
        tx.announce(Topic::Challenge(challenge.id));
        tx.announce(Topic::Devices(challenge.person_id));
    }
    Ok(superseded.into_iter().map(Challenge).collect())
}

async fn list_open_of_device_alone(
    tx: &Transaction,
    device: AuthenticatorId,
    now: Timestamp,
) -> Result<Vec<ChallengeId>, Fault> {
    let mut alone = Vec::new();
    for challenge in list_open(tx, device, now).await? {
        let devices = list_devices(tx, challenge.id()).await?;
        if devices.iter().all(|targeted| targeted.authenticator_id == device) {
            alone.push(challenge.id());
        }
    }
    Ok(alone)
}

/// Lists challenges that have expired, or whose approval was not consumed in time, and that are not marked so
/// yet; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_overdue(db: &impl Executor, now: Timestamp, limit: u64) -> Result<Vec<ChallengeId>, Fault> {
    Ok(overdue(now, limit).into_tuple().all(db.connection()).await?)
}

/// The query of [`list_overdue`]; the index on state and expiry serves it.
pub(in crate::storage) fn overdue(now: Timestamp, limit: u64) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(guard::<Entity>(ChallengeTransition::Expire, now))
        .limit(limit)
}

/// Marks these challenges expired and returns those that were not marked before: concurrent callers get
/// disjoint sets.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(
    tx: &Transaction,
    ids: Vec<ChallengeId>,
    now: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    let expired = change_at::<Entity>(ChallengeTransition::Expire, now)
        .filter(Column::Id.is_in(ids))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(expired.into_iter().map(Challenge).collect())
}

/// Deletes the challenges of a person that are over without an approval, and returns their number: the limits of push
/// then start again. The caller has marked the overdue ones.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_unapproved(tx: &Transaction, person: PersonId) -> Result<u64, Fault> {
    let over = [
        ChallengeState::Denied,
        ChallengeState::Reported,
        ChallengeState::Superseded,
        ChallengeState::Expired,
    ];
    let deleted = Entity::delete_many()
        .filter(Column::PersonId.eq(person).and(Column::State.is_in(over)))
        .exec(tx.connection())
        .await?;
    Ok(deleted.rows_affected)
}
