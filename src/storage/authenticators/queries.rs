//! Finds authenticators.

use super::Authenticator;
use crate::storage::{Executor, Fault};
use ::entity::{
    authenticator::{Column, Entity},
    enums::AuthenticatorState,
    ids::{AuthenticatorId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};

/// Finds the authenticator with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: AuthenticatorId) -> Result<Option<Authenticator>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?.map(Authenticator))
}

/// Finds the device whose key has this thumbprint (RFC 7638), whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_thumbprint(
    db: &impl Executor,
    thumbprint: &str,
) -> Result<Option<Authenticator>, Fault> {
    Ok(Entity::find()
        .filter(Column::Thumbprint.eq(thumbprint))
        .one(db.connection())
        .await?
        .map(Authenticator))
}

/// Lists a person's active authenticators, last used first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_active(db: &impl Executor, person: PersonId) -> Result<Vec<Authenticator>, Fault> {
    let found = Entity::find()
        .filter(Column::PersonId.eq(person).and(Column::State.eq(AuthenticatorState::Active)))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?;
    Ok(found.into_iter().map(Authenticator).collect())
}

/// Lists a person's authenticators that are active or suspended, last used first. A person with one of these
/// enrolls another only after proving it.
///
/// # Errors
/// When the database does not answer.
pub async fn list_active_or_suspended(
    db: &impl Executor,
    person: PersonId,
) -> Result<Vec<Authenticator>, Fault> {
    let found = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::State.is_in([AuthenticatorState::Active, AuthenticatorState::Suspended]))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?;
    Ok(found.into_iter().map(Authenticator).collect())
}

/// Lists a person's authenticators that are or were usable: active, suspended, or removed after they were
/// active. Last used first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_usable_once(db: &impl Executor, person: PersonId) -> Result<Vec<Authenticator>, Fault> {
    let living = [AuthenticatorState::Active, AuthenticatorState::Suspended];
    let found = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::State.is_in(living).or(Column::ConfirmedAt.is_not_null()))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?;
    Ok(found.into_iter().map(Authenticator).collect())
}

/// Lists a person's authenticators that are not revoked, including those that were never confirmed.
///
/// # Errors
/// When the database does not answer.
pub async fn list_not_revoked(db: &impl Executor, person: PersonId) -> Result<Vec<Authenticator>, Fault> {
    let found = Entity::find()
        .filter(Column::PersonId.eq(person).and(Column::State.ne(AuthenticatorState::Revoked)))
        .all(db.connection())
        .await?;
    Ok(found.into_iter().map(Authenticator).collect())
}
