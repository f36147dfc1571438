//! Transports: how devices are reached.

use super::{Executor, Fault, Transaction, transitions::change};
use crate::{
    clock::Timestamp,
    factors::push::{Transition, TransportTransition},
};
use ::entity::{
    authenticator,
    enums::{AuthenticatorState, TransportKind, TransportState},
    ids::AuthenticatorId,
    transport::{Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict, Query},
};

/// How a device is reached, as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Transport(Model);

impl Transport {
    /// The kind.
    pub fn kind(&self) -> TransportKind {
        self.0.kind
    }

    /// What is known of it.
    pub fn state(&self) -> TransportState {
        self.0.state
    }

    /// The sealed address and the id of the VAPID key of the subscription; `None` for a device that polls.
    pub fn into_address(self) -> Option<(Vec<u8>, String)> {
        self.0.address.zip(self.0.vapid_kid)
    }

    /// The counter of its registration, which tells it from those before and after.
    pub fn ctr(&self) -> i64 {
        self.0.ctr
    }

    /// The hash of the endpoint, as the device wrote it; `None` for a device that polls.
    pub fn address_hash(&self) -> Option<&[u8]> {
        self.0.address_hash.as_deref()
    }

    /// The id of the VAPID key of the subscription; `None` for a device that polls.
    pub fn vapid_kid(&self) -> Option<&str> {
        self.0.vapid_kid.as_deref()
    }

    /// The last failure; for a device that polls, the rule that forbids the endpoint which it wanted.
    pub fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// Whether a message may arrive over this transport. A suspect transport is still tried.
    pub fn is_reachable(&self) -> bool {
        self.kind() == TransportKind::Webpush && self.state() != TransportState::Gone
    }
}

/// A transport that a device registers, with checked values.
#[derive(Clone, Debug)]
pub struct NewTransport {
    /// The device.
    pub device: AuthenticatorId,
    /// The Web Push address; `None` for a device that polls.
    pub address: Option<NewAddress>,
    /// The rule that forbids the endpoint which the device wanted.
    pub refused: Option<&'static str>,
    /// The counter that orders the registrations of the device.
    pub ctr: i64,
    /// The time of the registration.
    pub now: Timestamp,
}

/// A checked Web Push address.
#[derive(Clone, Debug)]
pub struct NewAddress {
    /// The sealed subscription.
    pub sealed: Vec<u8>,
    /// The hash of the endpoint, as the device wrote it.
    pub hash: Vec<u8>,
    /// The id of the VAPID key of the subscription.
    pub vapid_kid: String,
}

impl NewTransport {
    /// Its kind.
    pub fn kind(&self) -> TransportKind {
        if self.address.is_some() { TransportKind::Webpush } else { TransportKind::None }
    }

    /// Whether `stored` is this registration.
    pub fn is_stored_as(&self, stored: &Transport) -> bool {
        let address = self.address.as_ref();
        (stored.0.ctr, stored.kind()) == (self.ctr, self.kind())
            && stored.address_hash() == address.map(|address| &address.hash[..])
            && stored.vapid_kid() == address.map(|address| &address.vapid_kid[..])
    }

    fn into_row(self) -> Model {
        let kind = self.kind();
        let (address, address_hash, vapid_kid) = match self.address {
            Some(NewAddress { sealed, hash, vapid_kid }) => (Some(sealed), Some(hash), Some(vapid_kid)),
            None => (None, None, None),
        };
        Model {
            authenticator_id: self.device,
            kind,
            address,
            address_hash,
            vapid_kid,
            state: TransportTransition::Register.to(),
            ctr: self.ctr,
            last_ok_at: None,
            last_error: self.refused.map(str::to_owned),
            updated_at: self.now,
        }
    }
}

/// Finds the transport of this device; `None` when it never registered one.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, device: AuthenticatorId) -> Result<Option<Transport>, Fault> {
    Ok(Entity::find_by_id(device).one(db.connection()).await?.map(Transport))
}

/// Stores a device's transport unless a newer one is stored: of two concurrent calls the one with the higher
/// `ctr` wins.
///
/// # Errors
/// When the database does not answer.
pub async fn save(tx: &Transaction, transport: NewTransport) -> Result<(), Fault> {
    Entity::insert(transport.into_row().into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(Column::AuthenticatorId)
                .update_columns([
                    Column::Kind,
                    Column::Address,
                    Column::AddressHash,
                    Column::VapidKid,
                    Column::State,
                    Column::Ctr,
                    Column::LastError,
                    Column::UpdatedAt,
                ])
                .action_and_where(
                    Expr::col((Entity, Column::Ctr))
                        .lt(Expr::cust_with_values("excluded.ctr", Vec::<i64>::new())),
                )
                .to_owned(),
        )
        .try_insert()
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Records the outcome of a message to the transport that this device registered with `ctr`. A late outcome changes
/// neither a newer registration nor a transport that is gone.
///
/// # Errors
/// When the database does not answer.
pub async fn note(
    tx: &Transaction,
    (device, ctr): (AuthenticatorId, i64),
    outcome: TransportTransition,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut update = change::<Entity>(outcome)
        .col_expr(Column::LastError, Expr::value(error))
        .filter(Column::AuthenticatorId.eq(device).and(Column::Ctr.eq(ctr)));
    if outcome == TransportTransition::Accept {
        update = update.col_expr(Column::LastOkAt, Expr::value(now));
    }
    update.exec(tx.connection()).await?;
    Ok(())
}

/// Counts the transports that messages may reach under this VAPID key.
///
/// # Errors
/// When the database does not answer.
pub async fn count_of_key(db: &impl Executor, kid: &str) -> Result<u64, Fault> {
    let reachable = Column::VapidKid.eq(kid).and(Column::State.ne(TransportState::Gone));
    Ok(Entity::find().filter(reachable).count(db.connection()).await?)
}

/// Marks the transports of this VAPID key gone, because the server gives the key up, and returns their number.
///
/// # Errors
/// When the database does not answer.
pub async fn lose_of_key(tx: &Transaction, kid: &str) -> Result<u64, Fault> {
    let lost = change::<Entity>(TransportTransition::Lose)
        .col_expr(Column::LastError, Expr::value("the server has given up the key of the subscription"))
        .filter(Column::VapidKid.eq(kid))
        .exec(tx.connection())
        .await?;
    Ok(lost.rows_affected)
}

/// Deletes the transport of a device.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn delete(tx: &Transaction, device: AuthenticatorId) -> Result<(), Fault> {
    Entity::delete_by_id(device).exec(tx.connection()).await?;
    Ok(())
}

/// Deletes the transport of a device that was removed; that of another device stays.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_of_revoked(tx: &Transaction, device: AuthenticatorId) -> Result<(), Fault> {
    let revoked = Query::select()
        .column(authenticator::Column::Id)
        .from(authenticator::Entity)
        .and_where(authenticator::Column::Id.eq(device))
        .and_where(authenticator::Column::State.eq(AuthenticatorState::Revoked))
        .to_owned();
    Entity::delete_many().filter(Column::AuthenticatorId.in_subquery(revoked)).exec(tx.connection()).await?;
    Ok(())
}
