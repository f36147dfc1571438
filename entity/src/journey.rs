//! A sign-in in progress; `state` is a `signin::SignIn` as JSON, which contains a `journey::Journey`.

use crate::Timestamp;
use crate::ids::{JourneyId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "journey")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JourneyId,
    pub workspace_id: WorkspaceId,
    pub person_id: Option<PersonId>,
    pub browser_hash: Vec<u8>,
    pub version: i64,
    pub state: Json,
    pub source: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub has_proof: bool,
    #[sea_orm(column_name = "source_56")]
    pub source_56: Option<String>,
    #[sea_orm(column_name = "source_48")]
    pub source_48: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
