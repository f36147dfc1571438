//! A person: `directory::Person`. `claims` is a `directory::StandardClaims` as JSON, `username_key` the
//! lookup key.

use crate::Timestamp;
use crate::ids::{PersonId, PoolId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    pub workspace_id: WorkspaceId,
    pub pool_id: PoolId,
    pub username: String,
    pub username_key: String,
    pub password_hash: Option<String>,
    pub password_set_at: Option<Timestamp>,
    pub claims: Json,
    pub disabled_at: Option<Timestamp>,
    pub push_muted_until: Option<Timestamp>,
    pub password_must_change_at: Option<Timestamp>,
    pub needs_ticket_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
