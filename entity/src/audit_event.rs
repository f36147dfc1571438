//! One event of the audit log. Events before the columns from `actor_kind` on have none of them.

use crate::Timestamp;
use crate::ids::{AuditEventId, AuthenticatorId, ClientKey, JourneyId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEventId,
    pub workspace_id: WorkspaceId,
    pub at: Timestamp,
    pub code: String,
    pub person_id: Option<PersonId>,
    pub client_key: Option<ClientKey>,
    pub authenticator_id: Option<AuthenticatorId>,
    pub journey_id: Option<JourneyId>,
    pub address: Option<String>,
    pub agent: Option<String>,
    pub request_id: Option<String>,
    pub detail: Json,
    pub actor_kind: Option<String>,
    pub actor_id: Option<String>,
    pub via: Option<String>,
    pub target_kind: Option<String>,
    pub target_id: Option<String>,
    pub result: Option<String>,
    pub reason: Option<String>,
    pub changes: Option<Json>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
