//! People with everything that an operator sees of them, and the changes that operators make.

use super::{Executor, Fault, Transaction, people};
use crate::{clock::Timestamp, directory::Person, limits::lifetimes::SESSION_IDLE_SECONDS};
use ::entity::{
    browser_session,
    ids::{PersonId, PoolId},
    person::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

/// A person with the times of what has happened to the account.
#[derive(Clone, Debug)]
pub struct PersonRecord {
    /// The person.
    pub person: Person,
    /// The key by which the name is found and listed.
    pub username_key: String,
    /// When the person was added.
    pub created_at: Timestamp,
    /// When the account was disabled, if it is.
    pub disabled_at: Option<Timestamp>,
    /// When the password was set.
    pub password_set_at: Option<Timestamp>,
    /// Since when the password must be changed at the next sign-in.
    pub password_must_change_at: Option<Timestamp>,
    /// Since when the first device needs a ticket.
    pub needs_ticket_since: Option<Timestamp>,
}

/// Finds the record of the person with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: PersonId) -> Result<Option<PersonRecord>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?.map(from_row))
}

/// Lists the people of a pool after the name with the key `after`, in the order of the keys, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_page(
    db: &impl Executor,
    pool: PoolId,
    after: &str,
    limit: u64,
) -> Result<Vec<PersonRecord>, Fault> {
    let rows = Entity::find()
        .filter(Column::PoolId.eq(pool).and(Column::UsernameKey.gt(after)))
        .order_by_asc(Column::UsernameKey)
        .limit(limit)
        .all(db.connection())
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Counts the live sessions of a person.
///
/// # Errors
/// When the database does not answer.
pub async fn count_live_sessions(db: &impl Executor, id: PersonId, now: Timestamp) -> Result<u64, Fault> {
    let idle_since = now.plus_seconds(-SESSION_IDLE_SECONDS);
    Ok(browser_session::Entity::find()
        .filter(browser_session::Column::PersonId.eq(id).and(browser_session::Column::EndedAt.is_null()))
        .filter(browser_session::Column::ExpiresAt.gt(now))
        .filter(browser_session::Column::LastSeenAt.gt(idle_since))
        .count(db.connection())
        .await?)
}

/// Replaces a person's password hash; `must_change_at` makes the next sign-in ask for another password.
///
/// # Errors
/// When the database does not answer.
pub async fn set_password(
    tx: &Transaction,
    id: PersonId,
    hash: &str,
    must_change_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::PasswordSetAt, Expr::value(now))
        .col_expr(Column::PasswordMustChangeAt, Expr::value(must_change_at))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Ends a mute of a person's push notifications; `true` when there was one at `now`.
///
/// # Errors
/// When the database does not answer.
pub async fn end_mute(tx: &Transaction, id: PersonId, now: Timestamp) -> Result<bool, Fault> {
    let ended = Entity::update_many()
        .col_expr(Column::PushMutedUntil, Expr::value(None::<Timestamp>))
        .filter(Column::Id.eq(id).and(Column::PushMutedUntil.gt(now)))
        .exec(tx.connection())
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Deletes a person, and what is left that belongs to them.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_person(tx: &Transaction, id: PersonId) -> Result<(), Fault> {
    Entity::delete_by_id(id).exec(tx.connection()).await?;
    Ok(())
}

fn from_row(row: Model) -> PersonRecord {
    PersonRecord {
        username_key: row.username_key.clone(),
        created_at: row.created_at,
        disabled_at: row.disabled_at,
        password_set_at: row.password_set_at,
        password_must_change_at: row.password_must_change_at,
        needs_ticket_since: row.needs_ticket_since,
        person: people::from_row(row),
    }
}
