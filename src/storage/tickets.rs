//! Tickets and invitations: stored as hashes, redeemed at most once.
//!
//! A ticket is redeemed in one sign-in, which may then add one device; `used_at` says that it has.

use super::{Executor, Fault, Transaction, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    enums::TicketKind,
    ids::{JourneyId, PersonId, TicketId},
    person,
    ticket::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};

/// A ticket or an invitation to be added.
#[derive(Clone, Debug)]
pub struct NewTicket {
    /// Its id.
    pub id: TicketId,
    /// Its kind.
    pub kind: TicketKind,
    /// The person for whom it is.
    pub person: PersonId,
    /// The hash of the code or token.
    pub code_hash: Vec<u8>,
    /// The time after which it is refused.
    pub expires_at: Timestamp,
}

/// Adds a ticket or an invitation, and voids the earlier ones of its kind and person ([`delete_open`]): the newest one
/// alone counts.
///
/// # Errors
/// When the database does not answer.
pub async fn replace_ticket(tx: &Transaction, new: NewTicket, now: Timestamp) -> Result<(), Fault> {
    delete_open(tx, new.kind, new.person).await?;
    let row = Model {
        id: new.id,
        kind: new.kind,
        person_id: new.person,
        code_hash: new.code_hash,
        journey_id: None,
        created_at: now,
        expires_at: new.expires_at,
        redeemed_at: None,
        used_at: None,
    };
    insert(tx, row).await
}

/// Deletes the tickets of a person that were not redeemed, or the invitations, whether they were redeemed or not: the
/// form of a redeemed one is refused from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_open(tx: &Transaction, kind: TicketKind, person: PersonId) -> Result<(), Fault> {
    let state = match kind {
        TicketKind::Ticket => Column::RedeemedAt.is_null(),
        TicketKind::Invitation => Column::UsedAt.is_null(),
    };
    Entity::delete_many()
        .filter(Column::PersonId.eq(person).and(Column::Kind.eq(kind)).and(state))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Redeems the person's ticket with this hash for one sign-in; `true` for at most one caller.
///
/// # Errors
/// When the database does not answer.
pub async fn redeem(
    tx: &Transaction,
    person: PersonId,
    code_hash: &[u8],
    journey: JourneyId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let redeemed = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(now))
        .col_expr(Column::JourneyId, Expr::value(journey))
        .filter(Column::PersonId.eq(person).and(Column::CodeHash.eq(code_hash)))
        .filter(Column::Kind.eq(TicketKind::Ticket))
        .filter(Column::RedeemedAt.is_null().and(Column::ExpiresAt.gt(now)))
        .exec(tx.connection())
        .await?;
    Ok(redeemed.rows_affected == 1)
}

/// The condition that this sign-in has redeemed a ticket that has added no device yet.
pub(super) fn is_redeemed(journey: JourneyId) -> Expr {
    let redeemed = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::JourneyId.eq(journey).and(Column::Kind.eq(TicketKind::Ticket)))
        .filter(Column::RedeemedAt.is_not_null().and(Column::UsedAt.is_null()));
    Expr::exists(redeemed.into_query())
}

/// Whether this sign-in has redeemed a ticket that has added no device yet.
///
/// # Errors
/// When the database does not answer.
pub async fn has_redeemed(db: &impl Executor, journey: JourneyId) -> Result<bool, Fault> {
    let redeemed = Entity::find()
        .filter(Column::JourneyId.eq(journey).and(Column::Kind.eq(TicketKind::Ticket)))
        .filter(Column::RedeemedAt.is_not_null().and(Column::UsedAt.is_null()));
    Ok(redeemed.one(db.connection()).await?.is_some())
}

/// Uses up the ticket that this sign-in has redeemed, because a device was added, and ends the person's need of
/// one; `true` for at most one caller.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn use_up(
    tx: &Transaction,
    journey: JourneyId,
    person: PersonId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::JourneyId.eq(journey).and(Column::PersonId.eq(person)))
        .filter(Column::Kind.eq(TicketKind::Ticket))
        .filter(Column::RedeemedAt.is_not_null().and(Column::UsedAt.is_null()))
        .exec(tx.connection())
        .await?;
    if used.rows_affected != 1 {
        return Ok(false);
    }
    save_need(tx, person, None).await?;
    Ok(true)
}

/// Requires a ticket for the first device of this person from `since` on; the time of an earlier need stays.
///
/// # Errors
/// When the database does not answer.
pub async fn require(tx: &Transaction, person: PersonId, since: Timestamp) -> Result<(), Fault> {
    person::Entity::update_many()
        .col_expr(person::Column::NeedsTicketSince, Expr::value(since))
        .filter(person::Column::Id.eq(person).and(person::Column::NeedsTicketSince.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

async fn save_need(tx: &Transaction, person: PersonId, since: Option<Timestamp>) -> Result<(), Fault> {
    person::Entity::update_many()
        .col_expr(person::Column::NeedsTicketSince, Expr::value(since))
        .filter(person::Column::Id.eq(person))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Whether the first device of this person needs a ticket, whatever the policy of the pool says.
///
/// # Errors
/// When the database does not answer.
pub async fn is_required(db: &impl Executor, person: PersonId) -> Result<bool, Fault> {
    Ok(person::Entity::find()
        .filter(person::Column::Id.eq(person).and(person::Column::NeedsTicketSince.is_not_null()))
        .one(db.connection())
        .await?
        .is_some())
}

/// The condition that the person needs no ticket, whatever the policy of the pool says.
pub(super) fn is_not_required(person: PersonId) -> Expr {
    let needing = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.eq(person).and(person::Column::NeedsTicketSince.is_not_null()));
    Expr::not_exists(needing.into_query())
}

/// Finds the person of the open invitation with this hash.
///
/// # Errors
/// When the database does not answer.
pub async fn find_invited(
    db: &impl Executor,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<PersonId>, Fault> {
    let open = Entity::find()
        .filter(Column::CodeHash.eq(token_hash).and(Column::Kind.eq(TicketKind::Invitation)))
        .filter(Column::RedeemedAt.is_null().and(Column::ExpiresAt.gt(now)));
    Ok(open.one(db.connection()).await?.map(|row| row.person_id))
}

/// Redeems the invitation with this hash and returns its id; at most one caller gets it.
///
/// # Errors
/// When the database does not answer.
pub async fn redeem_invitation(
    tx: &Transaction,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<TicketId>, Fault> {
    let redeemed = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(now))
        .filter(Column::CodeHash.eq(token_hash).and(Column::Kind.eq(TicketKind::Invitation)))
        .filter(Column::RedeemedAt.is_null().and(Column::ExpiresAt.gt(now)))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(redeemed.into_iter().next().map(|row| row.id))
}

/// Uses up a redeemed invitation, because the password is set; `true` for at most one caller.
///
/// # Errors
/// When the database does not answer.
pub async fn use_invitation(
    tx: &Transaction,
    id: TicketId,
    person: PersonId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::PersonId.eq(person)))
        .filter(Column::Kind.eq(TicketKind::Invitation))
        .filter(Column::RedeemedAt.is_not_null().and(Column::UsedAt.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(used.rows_affected == 1)
}
