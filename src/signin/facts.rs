//! Reads again what a sign-in in progress depends on: its client, and the person who was named.
//!
//! Never writes, and never believes the copy that the sign-in carries: what was asked and what was proved is stored, what
//! is true is read, each time a sign-in is loaded and again in the transaction that acts.
//! Spec: none. Called by: `loaded`, which loads, and every handler that opens a transaction for a sign-in.

use super::{
    load::{LoadedSignIn, client_of},
    person::{self, Named},
    visit::Visit,
};
use crate::{
    app::App,
    audit::AuditEvent,
    directory::Person,
    journey::{Demand, Enrolled, Facts},
    storage::{Executor, Fault, Transaction, people},
};
use ::entity::ids::PersonId;
use poem::Result;

impl LoadedSignIn {
    /// Judges a loaded sign-in by what is true now. Its client was read just before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn refresh(&mut self, app: &App, visit: &Visit) -> Result<(), Fault> {
        let Some(named) = self.stored.state.journey.named() else {
            self.judge(None);
            return Ok(());
        };
        let id = id_of(app, visit, named);
        let found = people::find(&app.storage, id).await?;
        let enrolled = self.enrolled(app, &app.storage, id, found).await?;
        self.judge(Some(enrolled));
        Ok(())
    }

    /// The same inside the transaction that acts. Holds the person's row, so that nothing that is decided about the
    /// person changes until the unit ends.
    ///
    /// # Errors
    /// When the database does not answer; the page that says why, when the client takes no answers any more.
    pub(super) async fn refresh_in(&mut self, app: &App, visit: &Visit, tx: &Transaction) -> Result<()> {
        self.client = client_of(app, visit, self.request()).await?;
        let enrolled = match self.stored.state.journey.named() {
            Some(named) => {
                let id = id_of(app, visit, named);
                let found = people::lock(tx, id).await?;
                Some(self.enrolled(app, tx, id, found).await?)
            }
            None => None,
        };
        self.judge(enrolled);
        Ok(())
    }

    /// A person who has just been named, as the transaction sees them, or a name that does not exist: the same statements
    /// for both. Locks nothing, because a lock is a write and would take longer for a name that exists.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read_in(
        &self,
        app: &App,
        visit: &Visit,
        tx: &Transaction,
        named: Option<PersonId>,
    ) -> Result<Enrolled, Fault> {
        let id = id_of(app, visit, named);
        let found = people::find(tx, id).await?;
        self.enrolled(app, tx, id, found).await
    }

    /// Why a person who has proved something may not sign in here any more, for the audit log.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn why_barred(&self, tx: &Transaction) -> Result<AuditEvent, Fault> {
        let person = match self.stored.state.journey.person() {
            Some(person) => people::find(tx, person).await?,
            None => None,
        };
        let is_disabled = person.is_none_or(|person| person.is_disabled);
        Ok(AuditEvent::SignInRefused { reason: if is_disabled { "disabled" } else { "not_admitted" } })
    }

    async fn enrolled(
        &self,
        app: &App,
        db: &impl Executor,
        id: PersonId,
        found: Option<Person>,
    ) -> Result<Enrolled, Fault> {
        let named = Named::of(id, found, &self.client);
        person::named(app, db, &named, &self.client, self.request()).await
    }

    fn judge(&mut self, enrolled: Option<Enrolled>) {
        let client_acr = Demand::client_acr(self.client.settings.required_acr.as_deref());
        let journey = self.stored.state.journey.clone();
        self.stored.state.journey = journey.with_facts(Facts { client_acr, enrolled });
    }
}

/// Under which id a named person is read; for a name that does not exist, one that no person has.
fn id_of(app: &App, visit: &Visit, named: Option<PersonId>) -> PersonId {
    named.unwrap_or_else(|| PersonId(app.entropy.id(visit.now)))
}
