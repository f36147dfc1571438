//! The counters that a device has signed, each with the digest of the signed content.

use crate::ids::AuthenticatorId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_counter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator_id: AuthenticatorId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ctr: i64,
    pub digest: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
