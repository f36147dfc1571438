//! Reads the inputs by which a sign-in in progress is judged: its client, the named person and the policy of their pool.
//!
//! Never writes. The request and the proofs are stored; everything else is read each time a sign-in is loaded, and
//! again in the transaction that acts.
//! Spec: none. Called by: `load`, and every step that opens a transaction for a sign-in.

use super::{
    LoadedSignIn, SignInError, Visit,
    client::client_in,
    person::{self, Named, Policies, unnamed},
};
use crate::{
    audit::AuditEvent,
    fault::Fault,
    journey::{Inputs, Subject},
    storage::{
        Executor, Transaction,
        people::{self, NamedPerson},
    },
};
use ::entity::ids::PersonId;

impl LoadedSignIn {
    /// Reads the inputs of a loaded sign-in. The caller has just read its client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn refresh(&mut self, visit: Visit<'_>) -> Result<(), Fault> {
        let app = visit.app;
        let subject = self.journey().subject();
        if subject == Subject::Unnamed {
            self.inputs = unnamed(&self.client);
            return Ok(());
        }
        let id = id_of(visit, subject.person());
        let found = people::find_named_by_id(&app.storage, id).await?;
        let policies = Policies::cached(app, &self.client).await?;
        self.inputs = self.inputs_of(&app.storage, id, found, policies).await?;
        Ok(())
    }

    /// Does the same inside the transaction that acts. Locks the person's row, so that decisions about the
    /// person hold until the transaction ends.
    ///
    /// # Errors
    /// When the database fails, the client is disabled, or it no longer has the request's `redirect_uri`.
    pub(super) async fn refresh_in(&mut self, visit: Visit<'_>, tx: &Transaction) -> Result<(), SignInError> {
        self.client = client_in(&self.tenant, tx, self.purpose()).await?;
        let subject = self.journey().subject();
        self.inputs = match subject {
            Subject::Unnamed => unnamed(&self.client),
            Subject::NoSuchPerson | Subject::Person(_) => {
                let id = id_of(visit, subject.person());
                let found = people::lock(tx, id).await?.as_ref().map(NamedPerson::from);
                let policies = Policies::read(tx, &self.client).await?;
                self.inputs_of(tx, id, found, policies).await?
            }
        };
        Ok(())
    }

    /// Reads a person who has just been named, or the stand-in for a name that does not exist, inside the
    /// transaction. Runs the same statements for both. Takes no lock: a lock is a write and would take longer
    /// for a name that exists.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read_in(
        &self,
        visit: Visit<'_>,
        tx: &Transaction,
        named: Option<PersonId>,
    ) -> Result<Inputs, Fault> {
        let id = id_of(visit, named);
        let found = people::find_named_by_id(tx, id).await?;
        self.inputs_of(tx, id, found, Policies::read(tx, &self.client).await?).await
    }

    /// Returns the audit event for a person who has proved a factor but may no longer sign in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn why_barred(&self, tx: &Transaction) -> Result<AuditEvent, Fault> {
        let person = match self.person() {
            Some(person) => people::find(tx, person).await?,
            None => None,
        };
        let is_disabled = person.is_none_or(|person| person.is_disabled);
        Ok(AuditEvent::SignInRefused { reason: if is_disabled { "disabled" } else { "not_admitted" } })
    }

    async fn inputs_of(
        &self,
        db: &impl Executor,
        id: PersonId,
        found: Option<NamedPerson>,
        policies: Policies,
    ) -> Result<Inputs, Fault> {
        let named = Named::of(id, found, &self.client);
        person::named(db, &named, &self.client, self.purpose(), policies).await
    }
}

/// Returns the id under which to read a named person; a random, unused id for a name that does not exist.
fn id_of(visit: Visit<'_>, named: Option<PersonId>) -> PersonId {
    named.unwrap_or_else(|| PersonId(visit.app.entropy.id(visit.context.now)))
}
