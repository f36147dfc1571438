//! A new password in place of one that must be changed. The sign-in in which it is chosen goes on; everything
//! else that the person has begun or was given ends.

use crate::{
    actions::{
        ending::Ending,
        new_password,
        sign_in::{
            LoadedSignIn, Next, SignInError, StepPage, Visit,
            apply::{apply, arrive},
            notice::Notice,
            person::{self, Policies},
            submission::Submission,
        },
    },
    journey::{Event, Step},
    storage::people::{self, NamedPerson},
};

/// Replaces the password, if the sign-in asks for that.
pub(in crate::actions::sign_in) async fn change_password(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
    password: &str,
    again: &str,
) -> Result<Next, SignInError> {
    let app = visit.app;
    let is_due = sign_in.step(visit.context.now) == Step::ChangePassword;
    let Some(id) = sign_in.person().filter(|_| is_due) else {
        return arrive(visit, sign_in).await;
    };
    sign_in.stored.state.forget_notice();
    let owner = people::get(&app.storage, id).await?;
    let replacement = match new_password::prepare(app, visit.context, &owner, (password, again)).await? {
        Ok(replacement) => replacement,
        Err(refusal) => {
            sign_in.stored.state.note(Notice::NewPasswordRefused(refusal));
            sign_in.stored.state.is_notice_about_repetition = refusal.is_about_repetition();
            return Submission::begin(visit, sign_in).await?.save_and_show(StepPage::NewPassword).await;
        }
    };
    let mut submission = Submission::begin(visit, sign_in).await?;
    submission.refresh().await?;
    if submission.step() != Step::ChangePassword {
        return arrive(visit, submission.roll_back()).await;
    }
    let sign_in = &submission.sign_in;
    let (context, kept) = (sign_in.context(visit), Some(sign_in.id()));
    let ending = Ending { app, tx: submission.tx(), context: &context };
    if !new_password::replace(&ending, &replacement, kept, sign_in.about()).await? {
        return Ok(submission.abandon(StepPage::NewPassword));
    }
    let owner = people::get(submission.tx(), id).await?;
    let named = NamedPerson::from(&owner);
    let (client, purpose) = (&sign_in.client, sign_in.purpose());
    let policies = Policies::read(submission.tx(), client).await?;
    let inputs = person::inputs(submission.tx(), &named, client, purpose, policies).await?;
    // The name was shown by the session that has just ended.
    submission.sign_in.stored.state.username.get_or_insert(owner.username);
    apply(submission, Event::PasswordChanged(Box::new(inputs))).await
}
