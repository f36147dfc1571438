//! People of the identity pools.

use super::{Executor, Fault, Transaction, insert::insert_if_absent, stored};
use crate::{
    clock::Timestamp,
    directory::{self, Person},
};
use ::entity::{
    ids::{PersonId, PoolId},
    person::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, Statement, Value, sea_query::Expr,
};

/// Finds the pool's person with this name, including disabled ones. Case is ignored.
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
    Ok(found.map(from_row))
}

/// What a sign-in needs to know of the person whom it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedPerson {
    /// The person's id.
    pub id: PersonId,
    /// Their pool.
    pub pool_id: PoolId,
    /// Whether they have a password.
    pub has_password: bool,
    /// Whether every sign-in is refused.
    pub is_disabled: bool,
    /// Whether the password must be changed at the next sign-in.
    pub must_change_password: bool,
}

impl From<&Person> for NamedPerson {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id,
            pool_id: person.pool_id,
            has_password: person.password_hash.is_some(),
            is_disabled: person.is_disabled,
            must_change_password: person.password_must_change_at.is_some(),
        }
    }
}

/// The columns of [`NamedPerson`], in one row in any case: all are null or false for a person who does not exist, so that
/// the database sends as much and the server reads as much for a name that exists as for one that does not.
const NAMED: &str = "SELECT p.id, p.pool_id, p.password_hash IS NOT NULL AS has_password,
    p.disabled_at IS NOT NULL AS is_disabled, p.password_must_change_at IS NOT NULL AS must_change_password
  FROM (SELECT 1 AS one) x LEFT JOIN person p ON";

/// Finds the pool's person with this name for a sign-in, including disabled ones. Case is ignored.
///
/// # Errors
/// When the database does not answer.
pub async fn find_named(
    db: &impl Executor,
    pool: PoolId,
    username: &str,
) -> Result<Option<NamedPerson>, Fault> {
    let values = [pool.into(), username_key(username).into()];
    named(db, "p.pool_id = $1 AND p.username_key = $2", values).await
}

/// Finds the person with this id for a sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn find_named_by_id(db: &impl Executor, id: PersonId) -> Result<Option<NamedPerson>, Fault> {
    named(db, "p.id = $1", [id.into()]).await
}

async fn named<const N: usize>(
    db: &impl Executor,
    condition: &str,
    values: [Value; N],
) -> Result<Option<NamedPerson>, Fault> {
    let connection = db.connection();
    let sql = format!("{NAMED} {condition}");
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let Some(row) = connection.query_one_raw(statement).await? else { return Ok(None) };
    let (id, pool_id) =
        (row.try_get::<Option<PersonId>>("", "id")?, row.try_get::<Option<PoolId>>("", "pool_id")?);
    let (has_password, is_disabled) = (row.try_get("", "has_password")?, row.try_get("", "is_disabled")?);
    let must_change_password = row.try_get("", "must_change_password")?;
    let whole = |(id, pool_id)| NamedPerson { id, pool_id, has_password, is_disabled, must_change_password };
    Ok(id.zip(pool_id).map(whole))
}

/// Gets the person with this id.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn get(db: &impl Executor, id: PersonId) -> Result<Person, Fault> {
    find(db, id).await?.ok_or_else(|| Fault::broken(format!("person {id} is not there")))
}

/// Finds the person with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: PersonId) -> Result<Option<Person>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?.map(from_row))
}

/// Finds the person with this id and locks the row until the transaction ends: decisions based on it stay
/// valid, and transactions of one person run one after the other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Transaction, id: PersonId) -> Result<Option<Person>, Fault> {
    Ok(tx.lock(Entity::find_by_id(id)).one(tx.connection()).await?.map(from_row))
}

/// Adds a person; `false` when the pool has a person with this name already.
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
        claims: stored::write(&person.claims)?,
        disabled_at: person.is_disabled.then_some(now),
        push_muted_until: person.push_muted_until,
        password_must_change_at: person.password_must_change_at,
        needs_ticket_since: None,
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

/// Replaces `verified`, the hash that the person's password had so far, by the hash of a new password, which
/// need not be changed. `None` for a person without a password. `false` when it was changed since: the newer
/// hash stays.
///
/// # Errors
/// When the database does not answer.
pub async fn change_password(
    tx: &Transaction,
    id: PersonId,
    verified: Option<&str>,
    new: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let is_unchanged = match verified {
        Some(verified) => Column::PasswordHash.eq(verified),
        None => Column::PasswordHash.is_null(),
    };
    let saved = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(new))
        .col_expr(Column::PasswordSetAt, Expr::value(now))
        .col_expr(Column::PasswordMustChangeAt, Expr::value(None::<Timestamp>))
        .filter(Column::Id.eq(id).and(is_unchanged))
        .exec(tx.connection())
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Makes a person change the password at the next sign-in, from `since` on.
///
/// # Errors
/// When the database does not answer.
pub async fn require_new_password(tx: &Transaction, id: PersonId, since: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::PasswordMustChangeAt, Expr::value(since))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Replaces `verified`, the hash that a password was just verified against, by `rehashed`, a hash of the same
/// password at another cost. `false` when the password was changed since: the newer hash stays.
///
/// # Errors
/// When the database does not answer.
pub async fn save_rehash(
    tx: &Transaction,
    id: PersonId,
    verified: &str,
    rehashed: &str,
) -> Result<bool, Fault> {
    let saved = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(rehashed))
        .filter(Column::Id.eq(id).and(Column::PasswordHash.eq(verified)))
        .exec(tx.connection())
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Sends no push notification to this person's devices before `until`.
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

/// Disables a person from `since` on, so that every interface refuses them; `None` enables them.
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

/// Whether there is no person at all.
///
/// # Errors
/// When the database does not answer.
pub async fn is_empty(db: &impl Executor) -> Result<bool, Fault> {
    Ok(Entity::find().one(db.connection()).await?.is_none())
}

/// The key by which a name is found.
pub fn username_key(username: &str) -> String {
    // A name that is not valid belongs to no person; it is looked up all the same, so that timing does not
    // reveal that.
    directory::username_key(username).unwrap_or_else(|_| username.trim().to_lowercase())
}

pub(super) fn from_row(row: Model) -> Person {
    Person {
        claims: stored::read_or_absent(&row.id, row.claims).unwrap_or_default(),
        id: row.id,
        workspace_id: row.workspace_id,
        pool_id: row.pool_id,
        username: row.username,
        password_hash: row.password_hash,
        is_disabled: row.disabled_at.is_some(),
        push_muted_until: row.push_muted_until,
        password_must_change_at: row.password_must_change_at,
    }
}
