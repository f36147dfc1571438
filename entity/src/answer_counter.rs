//! The counters that a device has signed, each with the digest of the signed content.

use crate::ids::AuthenticatorId;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_counter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator_id: AuthenticatorId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ctr: i64,
    pub digest: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
