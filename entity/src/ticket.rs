//! A one-time secret that an operator passes on to one person: a ticket (`redeemed_at` and `journey_id` name the
//! sign-in that redeemed it, `used_at` the time at which that sign-in added a device), or an invitation.

use crate::Timestamp;
use crate::enums::TicketKind;
use crate::ids::{JourneyId, PersonId, TicketId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TicketId,
    pub kind: TicketKind,
    pub person_id: PersonId,
    pub code_hash: Vec<u8>,
    pub journey_id: Option<JourneyId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub redeemed_at: Option<Timestamp>,
    pub used_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
