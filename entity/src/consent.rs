//! The scopes to which a person has consented for a client.

use crate::Timestamp;
use crate::ids::{ClientKey, PersonId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_key: ClientKey,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    pub scopes: String,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
