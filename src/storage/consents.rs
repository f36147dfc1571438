//! Consents: the scopes that a person has allowed a client.

use super::{Executor, Fault, Transaction};
use crate::clock::Timestamp;
use ::entity::{
    consent::{ActiveModel, Column, Entity},
    ids::{ClientKey, PersonId},
};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

/// Finds the scopes that this person has allowed this client, space-separated; `None` when the person was
/// never asked.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, client: ClientKey, person: PersonId) -> Result<Option<String>, Fault> {
    Ok(Entity::find_by_id((client, person)).one(db.connection()).await?.map(|row| row.scopes))
}

/// Replaces the scopes that a person has allowed a client.
///
/// # Errors
/// When the database does not answer.
pub async fn save(
    tx: &Transaction,
    client: ClientKey,
    person: PersonId,
    scopes: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let row = ActiveModel {
        client_key: Set(client),
        person_id: Set(person),
        scopes: Set(scopes.to_owned()),
        updated_at: Set(now),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::ClientKey, Column::PersonId])
                .update_columns([Column::Scopes, Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Deletes what a person has allowed a client; `false` when there was nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &Transaction, client: ClientKey, person: PersonId) -> Result<bool, Fault> {
    let deleted = Entity::delete_by_id((client, person)).exec(tx.connection()).await?;
    Ok(deleted.rows_affected == 1)
}
