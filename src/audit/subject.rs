//! What an event is about and where it comes from.

use ::entity::ids::{AuthenticatorId, ClientKey, JourneyId, PersonId};

/// The subjects of an event, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditSubject {
    /// The person.
    pub person: Option<PersonId>,
    /// The relying party.
    pub client: Option<ClientKey>,
    /// The phone or code generator.
    pub authenticator: Option<AuthenticatorId>,
    /// The sign-in.
    pub journey: Option<JourneyId>,
}

/// The origin of the request that caused an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSource {
    /// The IP address.
    pub address: Option<String>,
    /// The user agent, shortened.
    pub agent: Option<String>,
    /// The request id, as error pages show it.
    pub request_id: Option<String>,
}
