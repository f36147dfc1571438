//! Finds challenges. An id begins with the time of its row's creation, so that the newest row has the greatest
//! one.

use super::{Challenge, ChallengeDevice};
use crate::{
    clock::Timestamp,
    factors::push::ChallengeTransition,
    storage::{Executor, Fault, transitions::guard},
};
use ::entity::{
    challenge::{Column, Entity},
    challenge_device,
    ids::{AuthenticatorId, ChallengeId, JourneyId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

/// Finds the challenge with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?.map(Challenge))
}

/// Finds the newest challenge of this sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn find_of_journey(db: &impl Executor, journey: JourneyId) -> Result<Option<Challenge>, Fault> {
    Ok(Entity::find()
        .filter(Column::JourneyId.eq(journey))
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?
        .map(Challenge))
}

/// Lists a person's challenges since `since`, newest first, at most 200: the input of the push limits.
///
/// # Errors
/// When the database does not answer.
pub async fn list_since(
    db: &impl Executor,
    person: PersonId,
    since: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    let sent = Entity::find()
        .filter(Column::PersonId.eq(person).and(Column::CreatedAt.gt(since)))
        .order_by_desc(Column::CreatedAt)
        .limit(200)
        .all(db.connection())
        .await?;
    Ok(sent.into_iter().map(Challenge).collect())
}

/// Lists the challenges that this device can still answer, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_open(
    db: &impl Executor,
    device: AuthenticatorId,
    now: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    let targeted: Vec<ChallengeId> = challenge_device::Entity::find()
        .select_only()
        .column(challenge_device::Column::ChallengeId)
        .filter(challenge_device::Column::AuthenticatorId.eq(device))
        .order_by_desc(challenge_device::Column::ChallengeId)
        .limit(20)
        .into_tuple()
        .all(db.connection())
        .await?;
    let open = Entity::find()
        .filter(Column::Id.is_in(targeted).and(guard::<Entity>(ChallengeTransition::Approve, now)))
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?;
    Ok(open.into_iter().map(Challenge).collect())
}

/// Finds this device's part in a challenge; `None` when the challenge was not sent to it.
///
/// # Errors
/// When the database does not answer.
pub async fn find_device(
    db: &impl Executor,
    id: ChallengeId,
    device: AuthenticatorId,
) -> Result<Option<ChallengeDevice>, Fault> {
    Ok(challenge_device::Entity::find_by_id((id, device))
        .one(db.connection())
        .await?
        .map(ChallengeDevice::from))
}

/// Lists the devices that a challenge was sent to.
///
/// # Errors
/// When the database does not answer.
pub async fn list_devices(db: &impl Executor, id: ChallengeId) -> Result<Vec<ChallengeDevice>, Fault> {
    let devices = challenge_device::Entity::find()
        .filter(challenge_device::Column::ChallengeId.eq(id))
        .all(db.connection())
        .await?;
    Ok(devices.into_iter().map(ChallengeDevice::from).collect())
}

/// Lists the current versions of these challenges, for the periodic re-read that makes up for lost
/// notifications.
///
/// # Errors
/// When the database does not answer.
pub async fn list_versions(
    db: &impl Executor,
    ids: Vec<ChallengeId>,
) -> Result<Vec<(ChallengeId, i64)>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::Version)
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db.connection())
        .await?)
}
