//! The authorization of a client by a person; every code and token belongs to one.

use crate::Timestamp;
use crate::ids::{AuthenticatorId, BrowserSessionId, ClientKey, GrantId, PersonId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GrantId,
    pub workspace_id: WorkspaceId,
    pub client_key: ClientKey,
    pub person_id: PersonId,
    pub session_id: Option<BrowserSessionId>,
    pub ends_with_session: bool,
    pub scopes: String,
    pub claims: Option<Json>,
    pub auth_time: Timestamp,
    pub acr: Option<String>,
    pub amr: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub authenticator_id: Option<AuthenticatorId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
