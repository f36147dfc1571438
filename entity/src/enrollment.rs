//! One enrollment, from the QR code to the confirmation code.

use crate::Timestamp;
use crate::enums::EnrollmentState;
use crate::ids::{AuthenticatorId, EnrollmentId, JourneyId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enrollment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EnrollmentId,
    pub workspace_id: WorkspaceId,
    pub person_id: PersonId,
    pub journey_id: Option<JourneyId>,
    pub state: EnrollmentState,
    pub version: i64,
    pub secret_hash: Vec<u8>,
    pub code_hash: Vec<u8>,
    pub link_sealed: Vec<u8>,
    pub thumbprint: Option<String>,
    pub nonce: Option<String>,
    pub ceremony: Option<Json>,
    pub claim_failures: i32,
    pub authenticator_id: Option<AuthenticatorId>,
    pub completion_digest: Option<Vec<u8>>,
    pub confirmation_hash: Option<Vec<u8>>,
    pub confirmation_sealed: Option<Vec<u8>>,
    pub confirm_failures: i32,
    pub confirm_by: Option<Timestamp>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
