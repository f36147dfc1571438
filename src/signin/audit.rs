//! Who acts in a sign-in, and what its audit events are about.

use super::load::LoadedSignIn;
use crate::{
    app::RequestContext,
    audit::{Actor, AuditTarget, about},
    web::Browser,
};

impl LoadedSignIn {
    /// Returns the context of the browser's request. Its actor is the person who is signing in, once a factor
    /// is proved or the browser's session is theirs.
    pub(super) fn context(&self, browser: &Browser) -> RequestContext {
        let person = self.stored.state.journey.proved_person();
        browser.context.by(person.map_or(Actor::Anonymous, Actor::Person))
    }

    /// Describes an event about this sign-in.
    pub(super) fn about(&self) -> AuditTarget {
        about(self.stored.id).person(self.stored.state.journey.person()).client(self.client.key)
    }
}
