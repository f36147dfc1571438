//! Authenticators that people have enrolled.

use super::{Executor, Fault, Topic, Transaction, insert::insert, transitions::change};
use crate::{
    clock::Timestamp,
    factors::{Receipt, push::DeviceTransition},
    limits::lockout::BAD_SIGNATURES,
};
use ::entity::{
    answer_counter,
    authenticator::{Column, Entity, Model},
    enums::{AuthenticatorKind, AuthenticatorState},
    ids::{AuthenticatorId, PersonId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};

pub use ::entity::authenticator::Model as Authenticator;

/// Finds the authenticator with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: AuthenticatorId) -> Result<Option<Authenticator>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?)
}

/// Finds the device whose key has this thumbprint (RFC 7638), whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_thumbprint(
    db: &impl Executor,
    thumbprint: &str,
) -> Result<Option<Authenticator>, Fault> {
    Ok(Entity::find().filter(Column::Thumbprint.eq(thumbprint)).one(db.connection()).await?)
}

/// Lists a person's active authenticators, last used first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_active(db: &impl Executor, person: PersonId) -> Result<Vec<Authenticator>, Fault> {
    Ok(Entity::find()
        .filter(Column::PersonId.eq(person).and(Column::State.eq(AuthenticatorState::Active)))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?)
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
    Ok(Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::State.is_in([AuthenticatorState::Active, AuthenticatorState::Suspended]))
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?)
}

/// Lists a person's authenticators that are not revoked, including those that were never confirmed.
///
/// # Errors
/// When the database does not answer.
pub async fn list_not_revoked(db: &impl Executor, person: PersonId) -> Result<Vec<Authenticator>, Fault> {
    Ok(Entity::find()
        .filter(Column::PersonId.eq(person).and(Column::State.ne(AuthenticatorState::Revoked)))
        .all(db.connection())
        .await?)
}

/// Adds an authenticator.
///
/// # Errors
/// When its key is enrolled already or the database does not answer.
pub async fn insert_authenticator(tx: &Transaction, authenticator: Model) -> Result<(), Fault> {
    insert(tx, authenticator).await
}

/// Why a sign-in may add a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entitlement {
    /// The person has none, neither active nor suspended: the first one may follow a first factor alone.
    FirstSecondFactor,
    /// The sign-in holds a proof by a second factor of this person.
    ProvedBySecondFactor,
}

/// The condition of every statement that makes an authenticator active.
pub(super) fn is_entitled(entitlement: Entitlement, person: PersonId) -> Expr {
    let living = [AuthenticatorState::Active, AuthenticatorState::Suspended];
    match entitlement {
        Entitlement::ProvedBySecondFactor => Expr::value(true),
        Entitlement::FirstSecondFactor => {
            let others = Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::PersonId.eq(person).and(Column::State.is_in(living)));
            Expr::not_exists(others.into_query())
        }
    }
}

/// Activates a pending device. `false` when it is no longer pending, or when the person has a second factor
/// and `entitlement` is [`Entitlement::FirstSecondFactor`]. Two concurrent activations exclude each other
/// only under the person's lock, which [`enrollments::confirm`](super::enrollments::confirm) holds.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn activate(
    tx: &Transaction,
    id: AuthenticatorId,
    (person, entitlement): (PersonId, Entitlement),
    now: Timestamp,
) -> Result<bool, Fault> {
    let activated = change::<Entity>(DeviceTransition::Activate)
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::PersonId.eq(person)))
        .filter(is_entitled(entitlement, person))
        .exec(tx.connection())
        .await?;
    Ok(activated.rows_affected == 1)
}

/// Revokes an authenticator for good, and deletes its TOTP seed and its transport. `false` when it was
/// revoked before.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(tx: &Transaction, id: AuthenticatorId, now: Timestamp) -> Result<bool, Fault> {
    let is_ended = end(tx, id, now).await?;
    if is_ended {
        super::transports::delete(tx, id).await?;
    }
    Ok(is_ended)
}

/// As [`revoke`], and queues a last message to the device: its transport stays until the outbox has finished
/// with that message.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_and_notify(
    tx: &Transaction,
    id: AuthenticatorId,
    message: super::outbox::NewDelivery,
    now: Timestamp,
) -> Result<bool, Fault> {
    let is_ended = end(tx, id, now).await?;
    if is_ended {
        super::outbox::queue(tx, message).await?;
    }
    Ok(is_ended)
}

/// Revokes it without deleting its transport; cancels the messages that are queued for it.
async fn end(tx: &Transaction, id: AuthenticatorId, now: Timestamp) -> Result<bool, Fault> {
    let revoked = change::<Entity>(DeviceTransition::Revoke)
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(Column::TotpSeed, Expr::value(None::<Vec<u8>>))
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    let Some(device) = revoked.into_iter().next() else { return Ok(false) };
    super::outbox::cancel_for_device(tx, id).await?;
    tx.announce(Topic::Devices(device.person_id));
    Ok(true)
}

/// Suspends an active device until an operator looks at it, because its signatures or its counter were wrong.
/// `false` when it was not active.
///
/// # Errors
/// When the database does not answer.
pub async fn suspend(tx: &Transaction, id: AuthenticatorId) -> Result<bool, Fault> {
    let suspended = change::<Entity>(DeviceTransition::Suspend)
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    for device in &suspended {
        tx.announce(Topic::Devices(device.person_id));
    }
    Ok(!suspended.is_empty())
}

/// Counts a signature that did not verify and returns the number of such signatures within a day.
///
/// # Errors
/// When the database does not answer.
pub async fn count_bad_signature(
    tx: &Transaction,
    id: AuthenticatorId,
    now: Timestamp,
) -> Result<u32, Fault> {
    Entity::update_many()
        .col_expr(Column::BadSignatures, Expr::col(Column::BadSignatures).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    let key = format!("device.signature:{id}");
    Ok(super::attempts::fail(tx, &key, &BAD_SIGNATURES, now).await?.failures)
}

/// Records that a device sent a request.
///
/// # Errors
/// When the database does not answer.
pub async fn touch(tx: &Transaction, id: AuthenticatorId, now: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Renames a device.
///
/// # Errors
/// When the database does not answer.
pub async fn rename(tx: &Transaction, id: AuthenticatorId, name: &str) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Uses up a TOTP step: at most one caller gets the receipt, and no earlier step is accepted again (RFC 6238
/// §5.2).
///
/// # Errors
/// When the database does not answer.
pub async fn take_totp_step(
    tx: &Transaction,
    id: AuthenticatorId,
    step: i64,
    now: Timestamp,
) -> Result<Option<Receipt>, Fault> {
    let taken = Entity::update_many()
        .col_expr(Column::TotpLastStep, Expr::value(step))
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::State.eq(AuthenticatorState::Active)))
        .filter(Column::TotpLastStep.is_null().or(Column::TotpLastStep.lt(step)))
        .exec(tx.connection())
        .await?;
    Ok((taken.rows_affected == 1).then(Receipt::from_storage))
}

/// The meaning of a signed counter for the device that signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Never seen before.
    Fresh,
    /// Seen with these same bytes: a repeat.
    Repeated,
    /// Seen with other bytes: two devices sign with one key.
    Cloned,
}

/// Records a counter that a device signed, with the digest of the signed bytes.
///
/// # Errors
/// When the database does not answer.
pub async fn note_counter(
    tx: &Transaction,
    id: AuthenticatorId,
    ctr: i64,
    digest: &[u8],
) -> Result<Counter, Fault> {
    let row = answer_counter::Model { authenticator_id: id, ctr, digest: digest.to_vec() };
    if super::insert::insert_if_absent(tx, row).await? {
        return Ok(Counter::Fresh);
    }
    let seen = answer_counter::Entity::find_by_id((id, ctr)).one(tx.connection()).await?;
    Ok(if seen.is_some_and(|seen| seen.digest == digest) { Counter::Repeated } else { Counter::Cloned })
}

/// Replaces a device's key if its thumbprint still is `thumbprint`, and deletes the counters of the old key.
/// `false` when the key has changed.
///
/// # Errors
/// When the new key is enrolled already or the database does not answer.
pub async fn replace_key(
    tx: &Transaction,
    id: AuthenticatorId,
    thumbprint: &str,
    new_thumbprint: &str,
    new_jwk: serde_json::Value,
) -> Result<bool, Fault> {
    let replaced = Entity::update_many()
        .col_expr(Column::Thumbprint, Expr::value(new_thumbprint))
        .col_expr(Column::Jwk, Expr::value(new_jwk))
        .filter(Column::Id.eq(id).and(Column::Thumbprint.eq(thumbprint)))
        .exec(tx.connection())
        .await?;
    if replaced.rows_affected == 1 {
        answer_counter::Entity::delete_many()
            .filter(answer_counter::Column::AuthenticatorId.eq(id))
            .exec(tx.connection())
            .await?;
    }
    Ok(replaced.rows_affected == 1)
}

/// Records whether the browser promised to keep the device's storage.
///
/// # Errors
/// When the database does not answer.
pub async fn save_persisted(tx: &Transaction, id: AuthenticatorId, is_persisted: bool) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Persisted, Expr::value(is_persisted))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Adds the credential by which a device verifies its user; `false` when the device has one already.
///
/// # Errors
/// When the database does not answer.
pub async fn add_uv_credential(
    tx: &Transaction,
    id: AuthenticatorId,
    credential: serde_json::Value,
) -> Result<bool, Fault> {
    let added = Entity::update_many()
        .col_expr(Column::UvCredential, Expr::value(credential))
        .filter(Column::Id.eq(id).and(Column::UvCredential.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(added.rows_affected == 1)
}

/// Replaces the stored user-verification credential by its state after the last use.
///
/// # Errors
/// When the database does not answer.
pub async fn save_uv_credential(
    tx: &Transaction,
    id: AuthenticatorId,
    credential: Option<serde_json::Value>,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::UvCredential, Expr::value(credential))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Whether this authenticator may be used.
pub fn is_active(authenticator: &Authenticator) -> bool {
    authenticator.state == AuthenticatorState::Active
}

/// Whether this authenticator is a phone, which can approve requests.
pub fn is_phone(authenticator: &Authenticator) -> bool {
    authenticator.kind == AuthenticatorKind::Push
}
