//! A submitted form with its open write transaction.

use super::{LoadedSignIn, Next, SignInError, StepPage, Visit};
use crate::{
    actions::{Action, ActionError, Right},
    audit::{AuditEvent, AuditTarget},
    clock::Timestamp,
    fault::Fault,
    journey::Step,
    limits::lifetimes::SIGN_INS_RETRY_SECONDS,
    storage::{Transaction, journeys},
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
        let action = match sign_in.journey().proved_person() {
            Some(_) => Action::begin_after_proof(visit.app, visit.context).await?,
            None => Action::begin(visit.app, visit.context, Right::Anyone).await?,
        };
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
    ///
    /// # Errors
    /// [`ActionError::Limited`] when the source has as many sign-ins in progress as it may have, and each has a proof; a
    /// fault when the database does not answer.
    pub(super) async fn save_row(&mut self) -> Result<bool, SignInError> {
        let tx = self.action.transaction();
        if self.sign_in.is_stored() {
            return Ok(journeys::save(tx, &mut self.sign_in.stored).await?);
        }
        let (app, now) = (self.visit.app, self.visit.context.now);
        if !journeys::insert_journey(tx, &self.sign_in.stored, now, app.journeys_per_source).await? {
            let retry_after_seconds = SIGN_INS_RETRY_SECONDS;
            return Err(ActionError::Limited { retry_after_seconds }.into());
        }
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
