//! A relying party: `directory::Client`; `settings` is a `directory::ClientSettings` as JSON.

use crate::Timestamp;
use crate::ids::{ClientKey, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClientKey,
    pub workspace_id: WorkspaceId,
    pub client_id: String,
    pub name: String,
    pub secret_hash: Option<Vec<u8>>,
    pub settings: Json,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub previous_secret_hash: Option<Vec<u8>>,
    pub previous_secret_until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
