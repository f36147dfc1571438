//! A signing key for ID tokens (RFC 7517) or push messages (RFC 8292); the private key is sealed.

use crate::Timestamp;
use crate::ids::WorkspaceId;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    #[sea_orm(string_value = "id_token")]
    IdToken,
    #[sea_orm(string_value = "vapid")]
    Vapid,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    pub workspace_id: WorkspaceId,
    pub purpose: KeyPurpose,
    pub algorithm: String,
    pub private_sealed: Vec<u8>,
    pub public_jwk: Json,
    pub created_at: Timestamp,
    pub retired_at: Option<Timestamp>,
    /// When it begins to sign; null in rows of an earlier version, which signed at once.
    pub signs_from: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
