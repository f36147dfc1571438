//! An enrolled authenticator: a phone (push and TOTP from one enrollment) or a TOTP generator.

use crate::Timestamp;
use crate::enums::{AuthenticatorKind, AuthenticatorState};
use crate::ids::{AuthenticatorId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "authenticator")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuthenticatorId,
    pub workspace_id: WorkspaceId,
    pub person_id: PersonId,
    pub kind: AuthenticatorKind,
    pub state: AuthenticatorState,
    pub name: String,
    pub platform: Option<String>,
    pub app: Option<Json>,
    pub jwk: Option<Json>,
    pub thumbprint: Option<String>,
    pub uv_credential: Option<Json>,
    pub persisted: Option<bool>,
    pub totp_seed: Option<Vec<u8>>,
    pub totp_last_step: Option<i64>,
    pub bad_signatures: i32,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub last_seen_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub key_replaced_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
