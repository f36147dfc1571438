//! A device that a challenge was sent to, and the nonce that it signs.

use crate::Timestamp;
use crate::ids::{AuthenticatorId, ChallengeId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "challenge_device")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub challenge_id: ChallengeId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub authenticator_id: AuthenticatorId,
    pub nonce: String,
    pub delivered_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
