//! The pools whose people may sign in to a client, in the order in which usernames are looked up.

use crate::ids::{ClientKey, PoolId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client_pool")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_key: ClientKey,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pool_id: PoolId,
    pub position: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
