//! A sign-in that would add a phone after the person has got a second factor elsewhere.

use super::{LoadedSignIn, StepPage};
use crate::{
    app::App,
    factors::method,
    fault::Fault,
    journey::Step,
    storage::{
        Executor,
        enrollments::{self, Enrollment},
    },
};
use ::entity::enums::EnrollmentState;

/// Finds the newest enrollment of a sign-in.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn newest(db: &impl Executor, sign_in: &LoadedSignIn) -> Result<Option<Enrollment>, Fault> {
    if !sign_in.is_stored() {
        return Ok(None);
    }
    enrollments::find_of_journey(db, sign_in.id()).await
}

/// Returns whether the person has a second factor that this sign-in did not enroll.
pub(super) fn is_overtaken(sign_in: &LoadedSignIn, newest: Option<&Enrollment>) -> bool {
    let is_own = newest.is_some_and(|enrollment| enrollment.stored_state() == EnrollmentState::Confirmed);
    sign_in.journey().has_second_factor(&sign_in.inputs) && !is_own
}

/// Returns the page that explains it; `None` when the sign-in has left the step for another reason.
pub(super) fn page_after(step: &Step) -> Option<StepPage> {
    Some(StepPage::of(step))
        .filter(|page| matches!(page, StepPage::Factor(kind) if method(*kind).enroll.is_some()))
}

impl LoadedSignIn {
    /// Finds this sign-in's newest enrollment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_enrollment(&self, app: &App) -> Result<Option<Enrollment>, Fault> {
        newest(&app.storage, self).await
    }

    /// Returns the page that explains to a person why no phone was added, for a GET of the enrollment page in
    /// a sign-in that has left it for `step`; `None` when there is another reason.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn overtaken_page(&self, app: &App, step: &Step) -> Result<Option<StepPage>, Fault> {
        let newest = newest(&app.storage, self).await?;
        Ok(page_after(step).filter(|_| is_overtaken(self, newest.as_ref())))
    }
}
