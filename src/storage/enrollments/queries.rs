//! Finds enrollments. An id begins with the time of its row's creation, so that the newest row has the greatest
//! one.

use super::Enrollment;
use crate::storage::{Executor, Fault, Transaction};
use ::entity::{
    enrollment::{Column, Entity},
    ids::{EnrollmentId, JourneyId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Finds the enrollment with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?.map(Enrollment))
}

/// Finds the newest enrollment whose activation code has this hash, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_code(db: &impl Executor, code_hash: &[u8]) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find()
        .filter(Column::CodeHash.eq(code_hash))
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?
        .map(Enrollment))
}

/// Finds the newest enrollment of this sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn find_of_journey(db: &impl Executor, journey: JourneyId) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find()
        .filter(Column::JourneyId.eq(journey))
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?
        .map(Enrollment))
}

/// Finds the enrollment with this id and locks it until the transaction ends, so that concurrent completions
/// run one after the other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Transaction, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(tx.lock(Entity::find_by_id(id)).one(tx.connection()).await?.map(Enrollment))
}
