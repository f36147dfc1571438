//! A submitted form with its open write transaction.

use super::{LoadedSignIn, Next, SignInError, StepPage, Visit};
use crate::{
    actions::{Action, Right},
    audit::{AuditEvent, AuditTarget},
    clock::Timestamp,
    journey::Step,
    storage::{Fault, Transaction, journeys},
};

/// A submitted form with its open write transaction. Dropped without a commit, it is rolled back.
pub(super) struct Submission<'a> {
    /// The request.
    pub visit: Visit<'a>,
    /// The write transaction.
    pub action: Action<'a>,
    /// The sign-in.
    pub sign_in: LoadedSignIn,
}

impl<'a> Submission<'a> {
    /// Opens the write transaction of a submitted form.
    pub(super) async fn begin(visit: Visit<'a>, sign_in: LoadedSignIn) -> Result<Self, SignInError> {
        let action = Action::begin(visit.app, visit.context, Right::Anyone).await?;
        Ok(Self { visit, action, sign_in })
    }

    /// Returns the time of the request.
    pub(super) fn now(&self) -> Timestamp {
        self.visit.context.now
    }

    /// Returns the open transaction.
    pub(super) fn tx(&self) -> &Transaction {
        self.action.transaction()
    }

    /// Returns the current step.
    pub(super) fn step(&self) -> Step {
        self.sign_in.step(self.now())
    }

    /// Re-evaluates the sign-in with current facts, and locks the person's row.
    pub(super) async fn refresh(&mut self) -> Result<(), SignInError> {
        self.sign_in.refresh_in(self.visit, self.action.transaction()).await
    }

    /// Writes an audit event. Its actor is the person who is signing in, if a factor is proved.
    pub(super) async fn audit(&self, event: &AuditEvent, about: AuditTarget) -> Result<(), Fault> {
        self.visit.app.audit(self.tx(), &self.sign_in.context(self.visit), event, about).await
    }

    /// Inserts or updates the row; `false` when another request has changed the sign-in.
    pub(super) async fn save_row(&mut self) -> Result<bool, Fault> {
        let tx = self.action.transaction();
        if self.sign_in.is_stored() {
            return journeys::save(tx, &mut self.sign_in.stored).await;
        }
        let (app, now) = (self.visit.app, self.visit.context.now);
        journeys::insert_journey(tx, &self.sign_in.stored, now, app.journeys_per_source).await?;
        self.sign_in.sealed = None;
        Ok(true)
    }

    /// Saves the sign-in without a new fact and shows `page` again, for example after a wrong answer.
    pub(super) async fn save_and_show(mut self, page: StepPage) -> Result<Next, SignInError> {
        self.save_row().await?;
        self.commit_and_show(page).await
    }

    /// Commits, and shows `page`.
    pub(super) async fn commit_and_show(self, page: StepPage) -> Result<Next, SignInError> {
        self.action.commit().await?;
        Ok(Next::show(self.sign_in, page))
    }

    /// Rolls back, and shows `page`.
    pub(super) fn abandon(self, page: StepPage) -> Next {
        Next::show(self.roll_back(), page)
    }

    /// Rolls back, and returns the sign-in.
    pub(super) fn roll_back(self) -> LoadedSignIn {
        let Self { action, sign_in, .. } = self;
        drop(action);
        sign_in
    }
}
