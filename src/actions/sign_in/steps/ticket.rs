//! A ticket: the code of an operator, without which a person whose second factors were taken away adds no phone.

use crate::{
    actions::{
        ActionError,
        sign_in::{
            LoadedSignIn, Next, SignInError, StepPage, Visit, apply::arrive, effects, notice::Notice,
            submission::Submission,
        },
        tickets::{self, Entitled, Outcome},
    },
    clock::Timestamp,
    fault::Fault,
    journey::{Effect, Step},
    storage::people,
};
use ::entity::ids::PersonId;

/// Redeems a ticket in this sign-in, and offers the enrollment of a phone.
pub(in crate::actions::sign_in) async fn redeem_ticket(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
    typed: &str,
) -> Result<Next, SignInError> {
    let source = visit.context.rate_limit_prefix();
    visit.app.budgets.check(source, visit.context.now).map_err(ActionError::from)?;
    sign_in.stored.state.forget_notice();
    let mut submission = Submission::begin(visit, sign_in).await?;
    submission.refresh().await?;
    let person = submission.sign_in.person();
    let Some(person) = person.filter(|_| matches!(submission.step(), Step::Enroll { .. })) else {
        return arrive(visit, submission.roll_back()).await;
    };
    if !owes_ticket(&submission, person).await? {
        return Ok(submission.abandon(StepPage::Enroll));
    }
    let Some(code) = tickets::normalized(typed) else {
        submission.sign_in.stored.state.note(Notice::TicketMalformed);
        return submission.save_and_show(StepPage::Enroll).await;
    };
    let context = submission.sign_in.context(visit);
    let (of, about) = ((person, submission.sign_in.id()), submission.sign_in.about());
    match tickets::redeem(visit.app, submission.tx(), &context, of, (&code, about)).await? {
        Outcome::Redeemed => {
            if submission.save_row().await? {
                effects::run(&submission, &[Effect::OfferEnrollment]).await?;
                return submission.commit_and_show(StepPage::Enroll).await;
            }
            // Another request has changed the sign-in: the ticket stays as it was.
            Ok(submission.abandon(StepPage::Enroll))
        }
        Outcome::Wrong { blocked_until } => {
            submission.sign_in.stored.state.blocked_until = blocked_until;
            submission.sign_in.stored.state.note(Notice::TicketWrong);
            submission.save_and_show(StepPage::Enroll).await
        }
        Outcome::Blocked { until } => blocked(visit, submission.roll_back(), until).await,
    }
}

async fn owes_ticket(submission: &Submission<'_>, person: PersonId) -> Result<bool, Fault> {
    let (tx, sign_in) = (submission.tx(), &submission.sign_in);
    let person = people::get(tx, person).await?;
    let is_proved = sign_in.is_proved_by_second_factor();
    Ok(tickets::entitled(tx, &person, sign_in.id(), is_proved).await? == Entitled::TicketOwed)
}

async fn blocked(visit: Visit<'_>, sign_in: LoadedSignIn, until: Timestamp) -> Result<Next, SignInError> {
    let mut submission = Submission::begin(visit, sign_in).await?;
    let context = submission.sign_in.context(visit);
    let about = submission.sign_in.about();
    tickets::record_blocked(visit.app, submission.tx(), &context, until, about).await?;
    submission.sign_in.stored.state.blocked_until = Some(until);
    submission.sign_in.stored.state.note(Notice::TicketBlocked);
    submission.save_and_show(StepPage::Enroll).await
}

impl LoadedSignIn {
    /// Returns whether this sign-in adds no phone before a ticket is redeemed in it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn owes_ticket(&self, visit: Visit<'_>) -> Result<bool, Fault> {
        let Some(person) = self.person() else { return Ok(false) };
        let (db, is_proved) = (&visit.app.storage, self.is_proved_by_second_factor());
        let person = people::get(db, person).await?;
        Ok(tickets::entitled(db, &person, self.id(), is_proved).await? == Entitled::TicketOwed)
    }
}
