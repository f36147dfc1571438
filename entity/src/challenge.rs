//! A challenge to a person's devices. `details` is sent as the exact text whose hash is signed.

use crate::Timestamp;
use crate::enums::{ChallengePurpose, ChallengeState};
use crate::ids::{AuthenticatorId, BrowserSessionId, ChallengeId, JourneyId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "challenge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChallengeId,
    pub workspace_id: WorkspaceId,
    pub person_id: PersonId,
    pub journey_id: Option<JourneyId>,
    pub purpose: ChallengePurpose,
    pub state: ChallengeState,
    pub version: i64,
    pub details: String,
    pub number_hash: Vec<u8>,
    pub number_sealed: Vec<u8>,
    pub digits: i32,
    pub qr_hash: Option<Vec<u8>>,
    pub qr_sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub answered_by: Option<AuthenticatorId>,
    pub answered_at: Option<Timestamp>,
    pub consume_by: Option<Timestamp>,
    pub reason: Option<String>,
    pub answer_digest: Option<Vec<u8>>,
    pub user_verified: Option<bool>,
    pub session_id: Option<BrowserSessionId>,
    pub reported_at: Option<Timestamp>,
    pub is_from_known_browser: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
