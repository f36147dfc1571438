//! The transport by which a device is reached; `address` is sealed.

use crate::Timestamp;
use crate::ids::AuthenticatorId;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    #[sea_orm(string_value = "webpush")]
    Webpush,
    #[sea_orm(string_value = "none")]
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum TransportState {
    #[sea_orm(string_value = "untried")]
    Untried,
    #[sea_orm(string_value = "ok")]
    Ok,
    #[sea_orm(string_value = "suspect")]
    Suspect,
    #[sea_orm(string_value = "gone")]
    Gone,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "transport")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator_id: AuthenticatorId,
    pub kind: TransportKind,
    pub address: Option<Vec<u8>>,
    pub address_hash: Option<Vec<u8>>,
    pub vapid_kid: Option<String>,
    pub state: TransportState,
    pub ctr: i64,
    pub last_ok_at: Option<Timestamp>,
    pub last_error: Option<String>,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
