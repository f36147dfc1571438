//! Whether a client may hold codes and tokens of a person: judged again at each use, because clients, people and the
//! pools of a client change later than the grant was made.

use super::{Executor, Fault};
use ::entity::{
    client, client_pool,
    ids::{ClientKey, PersonId},
    person,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, RelationDef};

/// Returns whether the client and the person are enabled, and the client admits the person's pool.
///
/// # Errors
/// When the database does not answer.
pub async fn may_hold_tokens(
    db: &impl Executor,
    client_key: ClientKey,
    person_id: PersonId,
) -> Result<bool, Fault> {
    let to_link: RelationDef = person::Entity::belongs_to(client_pool::Entity)
        .from(person::Column::PoolId)
        .to(client_pool::Column::PoolId)
        .into();
    let to_client: RelationDef = client_pool::Entity::belongs_to(client::Entity)
        .from(client_pool::Column::ClientKey)
        .to(client::Column::Id)
        .into();
    let admitted = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .join(JoinType::InnerJoin, to_link)
        .join(JoinType::InnerJoin, to_client)
        .filter(person::Column::Id.eq(person_id).and(person::Column::DisabledAt.is_null()))
        .filter(client::Column::Id.eq(client_key).and(client::Column::DisabledAt.is_null()))
        .into_tuple::<PersonId>()
        .one(db.connection())
        .await?;
    Ok(admitted.is_some())
}
