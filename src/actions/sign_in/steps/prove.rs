//! A password, or a one-time code. A wrong name and a wrong password get the same answer: same sentences, same
//! steps, same timing.

use crate::{
    actions::{
        password,
        sign_in::{
            LoadedSignIn, Next, SignInError, StepPage, Visit,
            apply::{apply, arrive},
            known_browser,
            notice::Notice,
            submission::Submission,
        },
        totp,
    },
    clock::Timestamp,
    directory::FactorKind,
    journey::Event,
};

/// Checks a password, if the sign-in asks for one.
pub(in crate::actions::sign_in) async fn prove_password(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
    typed: &str,
) -> Result<Next, SignInError> {
    if !sign_in.step(visit.context.now).asks_for(FactorKind::Password) {
        return arrive(visit, sign_in).await;
    }
    attempt_password(visit, sign_in, typed).await
}

/// Checks a password.
pub(super) async fn attempt_password(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
    typed: &str,
) -> Result<Next, SignInError> {
    sign_in.stored.state.forget_notice();
    if typed.is_empty() {
        sign_in.stored.state.note(Notice::PasswordMissing);
        return Submission::begin(visit, sign_in)
            .await?
            .save_and_show(StepPage::Factor(FactorKind::Password))
            .await;
    }
    loop {
        let attempt = password::Attempt {
            person: sign_in.person(),
            username: sign_in.state().username.as_deref().unwrap_or_default(),
            familiarity: known_browser::familiarity(visit, &sign_in).await?,
            password: typed,
        };
        let verified = match password::verify(visit.app, visit.context, &attempt).await? {
            Ok(verified) => verified,
            Err(until) => return password_blocked(visit, sign_in, until).await,
        };
        let mut submission = Submission::begin(visit, sign_in).await?;
        let context = submission.sign_in.context(visit);
        let about = submission.sign_in.about();
        match password::count(visit.app, submission.tx(), &context, verified, about).await? {
            password::Outcome::Proved(proof) => return apply(submission, Event::Proved(proof)).await,
            password::Outcome::Replaced => sign_in = submission.roll_back(),
            password::Outcome::Wrong { blocked_until } => {
                submission.sign_in.stored.state.blocked_until = blocked_until;
                submission.sign_in.stored.state.note(Notice::PasswordWrong);
                return submission.save_and_show(StepPage::Factor(FactorKind::Password)).await;
            }
            password::Outcome::Blocked { until } => {
                return password_blocked(visit, submission.roll_back(), until).await;
            }
        }
    }
}

async fn password_blocked(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
    until: Timestamp,
) -> Result<Next, SignInError> {
    let mut submission = Submission::begin(visit, sign_in).await?;
    let context = submission.sign_in.context(visit);
    let about = submission.sign_in.about();
    password::record_blocked(visit.app, submission.tx(), &context, until, about).await?;
    submission.sign_in.stored.state.blocked_until = Some(until);
    submission.sign_in.stored.state.note(Notice::PasswordBlocked);
    submission.save_and_show(StepPage::Factor(FactorKind::Password)).await
}

/// Checks a one-time code, if the sign-in asks for one.
pub(in crate::actions::sign_in) async fn prove_code(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
    typed: &str,
) -> Result<Next, SignInError> {
    let is_asked = sign_in.step(visit.context.now).asks_for(FactorKind::Totp);
    let Some(person) = sign_in.person().filter(|_| is_asked) else {
        return arrive(visit, sign_in).await;
    };
    let verified = totp::verify(visit.app, visit.context, person, typed).await?;
    sign_in.stored.state.forget_notice();
    match verified {
        Ok(verified) => count_code(visit, sign_in, verified).await,
        Err(until) => code_blocked(visit, sign_in, until).await,
    }
}

async fn count_code(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
    verified: totp::Verified<'_>,
) -> Result<Next, SignInError> {
    let (mut sign_in, mut verified) = (sign_in, verified);
    loop {
        let mut submission = Submission::begin(visit, sign_in).await?;
        let context = submission.sign_in.context(visit);
        let about = submission.sign_in.about();
        match totp::count(visit.app, submission.tx(), &context, verified, about).await? {
            totp::Outcome::Proved(proof) => return apply(submission, Event::Proved(proof)).await,
            totp::Outcome::Refused { refusal, blocked_until } => {
                submission.sign_in.stored.state.blocked_until = blocked_until;
                submission.sign_in.stored.state.note(Notice::CodeRefused(refusal));
                return submission.save_and_show(StepPage::Factor(FactorKind::Totp)).await;
            }
            totp::Outcome::Blocked { until } => {
                return code_blocked(visit, submission.roll_back(), until).await;
            }
            totp::Outcome::UsedMeanwhile(refused) => {
                (sign_in, verified) = (submission.roll_back(), refused);
            }
        }
    }
}

async fn code_blocked(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
    until: Timestamp,
) -> Result<Next, SignInError> {
    let mut submission = Submission::begin(visit, sign_in).await?;
    let context = submission.sign_in.context(visit);
    let about = submission.sign_in.about();
    totp::record_blocked(visit.app, submission.tx(), &context, until, about).await?;
    submission.sign_in.stored.state.blocked_until = Some(until);
    submission.sign_in.stored.state.note(Notice::CodeBlocked);
    submission.save_and_show(StepPage::Factor(FactorKind::Totp)).await
}
