//! A refresh token, stored by its hash; its last response is sealed with a key derived from the token.

use crate::Timestamp;
use crate::ids::GrantId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    pub grant_id: GrantId,
    pub scopes: String,
    pub issued_at: Timestamp,
    pub idle_until: Timestamp,
    pub absolute_until: Timestamp,
    pub redeemed_at: Option<Timestamp>,
    pub answer_sealed: Option<Vec<u8>>,
    pub answer_until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
