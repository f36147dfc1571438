//! Inserts one whole row.

use super::{Executor, Fault, Transaction};
use sea_orm::{
    ActiveModelTrait, EntityTrait, Insert, IntoActiveModel, ModelTrait, TryInsertResult,
    sea_query::OnConflict,
};

/// Inserts `row` with every column set.
pub(super) async fn insert<M, A>(tx: &Transaction, row: M) -> Result<(), Fault>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    Insert::one(row.into_active_model().reset_all()).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Inserts `row` unless a row with the same unique values exists; `true` when it was inserted.
pub(super) async fn insert_if_absent<M, A>(tx: &Transaction, row: M) -> Result<bool, Fault>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
    <A as ActiveModelTrait>::Entity: EntityTrait,
{
    let inserted = Insert::one(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(tx.connection())
        .await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0))
}
