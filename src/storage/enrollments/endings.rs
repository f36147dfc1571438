//! Ends enrollments that will not be confirmed.

use super::Enrollment;
use crate::{
    clock::Timestamp,
    factors::push::EnrollmentTransition,
    storage::{
        Executor, Fault, Topic, Transaction, authenticators,
        transitions::{change_at, guard},
    },
};
use ::entity::{
    enrollment::{Column, Entity},
    ids::{AuthenticatorId, EnrollmentId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select, sea_query::Expr};

/// Selects enrollments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollmentFilter {
    /// Those with these ids.
    Ids(Vec<EnrollmentId>),
    /// All of a person.
    Person(PersonId),
    /// The one that created this pending device.
    Device(AuthenticatorId),
}

/// Ends the selected open enrollments by this transition, revokes their pending devices, and returns them.
/// Enrollments that are over already are left unchanged.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    tx: &Transaction,
    filter: EnrollmentFilter,
    transition: EnrollmentTransition,
    now: Timestamp,
) -> Result<Vec<Enrollment>, Fault> {
    let ended =
        change_at::<Entity>(transition, now).filter(of(filter)).exec_with_returning(tx.connection()).await?;
    for enrollment in &ended {
        tx.announce(Topic::Enrollment(enrollment.id));
        if let Some(device) = enrollment.authenticator_id {
            authenticators::revoke(tx, device, now).await?;
        }
    }
    Ok(ended.into_iter().map(Enrollment).collect())
}

/// Lists enrollments that have expired and are not marked so yet; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_overdue(
    db: &impl Executor,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<EnrollmentId>, Fault> {
    Ok(overdue(now, limit).into_tuple().all(db.connection()).await?)
}

/// The query of [`list_overdue`]; the index on state and expiry serves it.
pub(in crate::storage) fn overdue(now: Timestamp, limit: u64) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(guard::<Entity>(EnrollmentTransition::Expire, now))
        .limit(limit)
}

/// Marks the selected overdue enrollments expired, revokes their pending devices, and returns those that were
/// not marked before: concurrent callers get disjoint sets.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(
    tx: &Transaction,
    filter: EnrollmentFilter,
    now: Timestamp,
) -> Result<Vec<Enrollment>, Fault> {
    end(tx, filter, EnrollmentTransition::Expire, now).await
}

fn of(filter: EnrollmentFilter) -> Expr {
    match filter {
        EnrollmentFilter::Ids(ids) => Column::Id.is_in(ids),
        EnrollmentFilter::Person(person) => Column::PersonId.eq(person),
        EnrollmentFilter::Device(device) => Column::AuthenticatorId.eq(device),
    }
}
