//! A queued delivery, written in the transaction of the step that caused it.

use crate::Timestamp;
use crate::ids::{AuthenticatorId, ChallengeId, OutboxId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    #[sea_orm(string_value = "queued")]
    Queued,
    #[sea_orm(string_value = "accepted")]
    Accepted,
    #[sea_orm(string_value = "failed")]
    Failed,
    #[sea_orm(string_value = "gone")]
    Gone,
    #[sea_orm(string_value = "skipped")]
    Skipped,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OutboxId,
    pub authenticator_id: Option<AuthenticatorId>,
    pub challenge_id: Option<ChallengeId>,
    pub payload: Json,
    pub state: OutboxState,
    pub attempts: i32,
    pub not_before: Timestamp,
    pub lease_until: Option<Timestamp>,
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
    pub last_error: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
