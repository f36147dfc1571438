//! A directory of people: `directory::Pool`; `policy` is a `directory::PoolPolicy` as JSON.

use crate::Timestamp;
use crate::ids::{PoolId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pool")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PoolId,
    pub workspace_id: WorkspaceId,
    pub slug: String,
    pub display_name: String,
    pub policy: Json,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
