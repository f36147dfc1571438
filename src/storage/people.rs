//! People.

use super::{Executor, Fault, Transaction, insert::insert_if_absent};
use crate::{
    clock::Timestamp,
    directory::{self, Person},
};
use ::entity::{
    ids::{PersonId, PoolId},
    person::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

/// The pool's person of this name, disabled ones included. Upper and lower case are one.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_username(
    db: &impl Executor,
    pool: PoolId,
    username: &str,
) -> Result<Option<Person>, Fault> {
    let found = Entity::find()
        .filter(Column::PoolId.eq(pool).and(Column::UsernameKey.eq(username_key(username))))
        .one(db.connection())
        .await?;
    found.map(from_row).transpose()
}

/// The person of this id.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn get(db: &impl Executor, id: PersonId) -> Result<Person, Fault> {
    find(db, id).await?.ok_or_else(|| Fault::broken(format!("person {id} is not there")))
}

/// The person of this id, if there is one.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: PersonId) -> Result<Option<Person>, Fault> {
    Entity::find_by_id(id).one(db.connection()).await?.map(from_row).transpose()
}

/// Adds a person; `false` when the pool has one of this name already.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_person(tx: &Transaction, person: &Person, now: Timestamp) -> Result<bool, Fault> {
    let row = Model {
        id: person.id,
        workspace_id: person.workspace_id,
        pool_id: person.pool_id,
        username_key: username_key(&person.username),
        username: person.username.clone(),
        password_set_at: person.password_hash.as_ref().map(|_| now),
        password_hash: person.password_hash.clone(),
        claims: super::json::to_column("person.claims", &person.claims)?,
        disabled_at: person.is_disabled.then_some(now),
        push_muted_until: person.push_muted_until,
        created_at: now,
        updated_at: now,
    };
    insert_if_absent(tx, row).await
}

/// Replaces a person's password hash.
///
/// # Errors
/// When the database does not answer.
pub async fn save_password(tx: &Transaction, id: PersonId, hash: &str, now: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::PasswordSetAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Lets no device of this person ring before `until`.
///
/// # Errors
/// When the database does not answer.
pub async fn mute_push(tx: &Transaction, id: PersonId, until: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::PushMutedUntil, Expr::value(until))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Refuses a person everywhere from `since` on, or no longer.
///
/// # Errors
/// When the database does not answer.
pub async fn save_disabled(tx: &Transaction, id: PersonId, since: Option<Timestamp>) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(since))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Whether anyone is there at all.
///
/// # Errors
/// When the database does not answer.
pub async fn is_empty(db: &impl Executor) -> Result<bool, Fault> {
    Ok(Entity::find().one(db.connection()).await?.is_none())
}

/// By what a name is found.
pub fn username_key(username: &str) -> String {
    // A name that cannot be one is nobody's; it is looked for all the same, so that it takes as long.
    directory::username_key(username).unwrap_or_else(|_| username.trim().to_lowercase())
}

fn from_row(row: Model) -> Result<Person, Fault> {
    Ok(Person {
        claims: super::json::from_column(&format!("person.claims of {}", row.id), row.claims)?,
        id: row.id,
        workspace_id: row.workspace_id,
        pool_id: row.pool_id,
        username: row.username,
        password_hash: row.password_hash,
        is_disabled: row.disabled_at.is_some(),
        push_muted_until: row.push_muted_until,
    })
}
