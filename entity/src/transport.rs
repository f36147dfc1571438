//! The transport by which a device is reached; `address` is sealed.

use crate::Timestamp;
use crate::enums::{TransportKind, TransportState};
use crate::ids::AuthenticatorId;
use sea_orm::entity::prelude::*;

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
