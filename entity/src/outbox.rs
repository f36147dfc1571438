//! A queued delivery, written in the transaction of the step that caused it.

use crate::Timestamp;
use crate::enums::{CarrierKind, OutboxState, RecipientKind};
use crate::ids::{AuthenticatorId, ChallengeId, OutboxId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

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
    pub carrier: Option<CarrierKind>,
    pub recipient_kind: Option<RecipientKind>,
    pub recipient: Option<String>,
    pub workspace_id: Option<WorkspaceId>,
    pub person_id: Option<PersonId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
