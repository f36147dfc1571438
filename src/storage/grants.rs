//! Grants: the scopes and claims that a client was given for a person.

use super::{Executor, Fault, Transaction, insert::insert, stored};
use crate::{
    clock::Timestamp,
    protocol::{ClaimsParameter, acr::Acr},
};
use ::entity::{
    client_pool,
    grant::{Column, Entity, Model},
    ids::{AuthenticatorId, BrowserSessionId, ClientKey, GrantId, PersonId},
    person,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};

pub use ::entity::grant::Model as Grant;

/// Returns the `claims` parameter of the authorization request of a grant.
pub fn requested_claims(grant: &Grant) -> ClaimsParameter {
    let document = grant.claims.clone();
    document.and_then(|document| stored::read_or_absent(&grant.id, document)).unwrap_or_default()
}

/// Adds a grant.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_grant(tx: &Transaction, grant: Model) -> Result<(), Fault> {
    insert(tx, grant).await
}

/// Revokes a grant, and with it every code and token issued from it.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(tx: &Transaction, id: GrantId, now: Timestamp) -> Result<(), Fault> {
    revoke_where(tx, Column::Id.eq(id), now).await
}

/// Revokes every grant of a person, or only those of one `client`; returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_of_person(
    tx: &Transaction,
    person: PersonId,
    client: Option<ClientKey>,
    now: Timestamp,
) -> Result<u64, Fault> {
    let of_person = Column::PersonId.eq(person);
    let condition = match client {
        Some(client) => of_person.and(Column::ClientKey.eq(client)),
        None => of_person,
    };
    end_where(tx, condition, now).await
}

/// Revokes every grant of a person whose `acr` needs this authenticator, those with `offline_access` too. A
/// grant of two factors that an older version has stored does not say which one, and counts as such.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_relying_on(
    tx: &Transaction,
    person: PersonId,
    authenticator: AuthenticatorId,
    now: Timestamp,
) -> Result<(), Fault> {
    let is_unnamed = Column::AuthenticatorId.is_null().and(Column::Acr.eq(Acr::TwoFactors.as_str()));
    let relies = Column::AuthenticatorId.eq(authenticator).or(is_unnamed);
    revoke_where(tx, Column::PersonId.eq(person).and(relies), now).await
}

/// Lists the live grants of a client after this id, in the order of the ids, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_live_of_client(
    db: &impl Executor,
    client: ClientKey,
    after: Option<GrantId>,
    limit: u64,
) -> Result<Vec<GrantId>, Fault> {
    let live = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ClientKey.eq(client).and(Column::RevokedAt.is_null()))
        .filter(Condition::all().add_option(after.map(|id| Column::Id.gt(id))));
    Ok(live.order_by_asc(Column::Id).limit(limit).into_tuple().all(db.connection()).await?)
}

/// Revokes those of these grants of one client whose person the client does not admit, or all of them.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_some(
    tx: &Transaction,
    ids: Vec<GrantId>,
    client: ClientKey,
    only_of_others: bool,
    now: Timestamp,
) -> Result<(), Fault> {
    let some = Column::Id.is_in(ids).and(Column::ClientKey.eq(client));
    if !only_of_others {
        return revoke_where(tx, some, now).await;
    }
    let pools = client_pool::Entity::find()
        .select_only()
        .column(client_pool::Column::PoolId)
        .filter(client_pool::Column::ClientKey.eq(client));
    let admitted = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::PoolId.in_subquery(pools.into_query()));
    revoke_where(tx, some.and(Column::PersonId.not_in_subquery(admitted.into_query())), now).await
}

/// Revokes the grants that end with this browser session; grants with `offline_access` outlive it.
pub(super) async fn revoke_of_session(
    tx: &Transaction,
    session: BrowserSessionId,
    now: Timestamp,
) -> Result<(), Fault> {
    let of_session = Column::SessionId.eq(session).and(Column::EndsWithSession.eq(true));
    revoke_where(tx, of_session, now).await
}

/// Revokes every grant that was made in this browser session, those with `offline_access` too.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_all_of_session(
    tx: &Transaction,
    session: BrowserSessionId,
    now: Timestamp,
) -> Result<(), Fault> {
    revoke_where(tx, Column::SessionId.eq(session), now).await
}

async fn revoke_where(tx: &Transaction, condition: Expr, now: Timestamp) -> Result<(), Fault> {
    end_where(tx, condition, now).await.map(drop)
}

/// The same, and returns how many.
async fn end_where(tx: &Transaction, condition: Expr, now: Timestamp) -> Result<u64, Fault> {
    let revoked = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(condition.and(Column::RevokedAt.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(revoked.rows_affected)
}
