//! The circumstances of an event.

use super::{Actor, Via};
use crate::clock::Timestamp;
use ::entity::ids::WorkspaceId;
use std::net::IpAddr;

/// The circumstances under which an event is recorded. No part can be left out: an event that no request
/// caused has no address, agent and request id, but always an actor and an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditContext<'a> {
    /// The workspace in which it happens.
    pub workspace: WorkspaceId,
    /// Who acts.
    pub actor: Actor,
    /// By which interface.
    pub via: Via,
    /// The address that the request comes from.
    pub address: Option<IpAddr>,
    /// The user agent, shortened.
    pub agent: Option<&'a str>,
    /// The request id, as error pages show it.
    pub request_id: Option<&'a str>,
    /// The time of the event.
    pub at: Timestamp,
}
