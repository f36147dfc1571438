//! A signed-in browser; `proofs` lists the factors that were verified.

use crate::Timestamp;
use crate::ids::{BrowserSessionId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "browser_session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BrowserSessionId,
    pub token_hash: Vec<u8>,
    pub browser_hash: Vec<u8>,
    pub workspace_id: WorkspaceId,
    pub person_id: PersonId,
    pub proofs: Json,
    pub auth_time: Timestamp,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub address: String,
    pub agent: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
