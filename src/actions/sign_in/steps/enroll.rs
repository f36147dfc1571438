//! Adding a phone. A tab whose person has got a second factor elsewhere adds nothing, and goes on with that
//! factor.

use crate::{
    actions::{
        enrollment::{self, Confirmation, Confirmed},
        sign_in::{
            LoadedSignIn, Next, SignInError, StepPage, Visit,
            apply::{apply, arrive},
            effects,
            notice::Notice,
            overtaken,
            person::{self, Policies},
            submission::Submission,
        },
    },
    audit::AuditEvent,
    factors::push::EnrollmentTransition,
    journey::{Effect, Event, Step},
    storage::{
        audit::about_enrollment,
        enrollments::{self, EnrollmentFilter},
        people::{self, NamedPerson},
    },
};

/// Offers an enrollment: the first one of a sign-in that began with a step-up, or another one.
pub(in crate::actions::sign_in) async fn offer_enrollment(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
) -> Result<Next, SignInError> {
    sign_in.stored.state.notice = None;
    let mut submission = Submission::begin(visit, sign_in).await?;
    submission.refresh().await?;
    if !matches!(submission.step(), Step::Enroll { .. }) {
        return overtake(submission).await;
    }
    if submission.save_row().await? {
        effects::run(&submission, &[Effect::OfferEnrollment]).await?;
    }
    submission.commit_and_show(StepPage::Enroll).await
}

/// Activates the device by its confirmation code, and goes on with the sign-in, which challenges the device at
/// once.
pub(in crate::actions::sign_in) async fn confirm_enrollment(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
    typed: &str,
) -> Result<Next, SignInError> {
    sign_in.stored.state.notice = None;
    let mut submission = Submission::begin(visit, sign_in).await?;
    submission.refresh().await?;
    if !matches!(submission.step(), Step::Enroll { .. }) {
        return overtake(submission).await;
    }
    let sign_in = &submission.sign_in;
    let confirmation = Confirmation {
        journey: sign_in.id(),
        person: sign_in.person(),
        client: sign_in.client.key,
        is_proved: sign_in.is_proved_by_second_factor(),
        typed,
    };
    let context = sign_in.context(visit);
    let notice = match enrollment::confirm(visit.app, submission.tx(), &context, &confirmation).await? {
        Confirmed::Device(person) => {
            let (tx, client) = (submission.tx(), &sign_in.client);
            let named = NamedPerson::from(&*person);
            let policies = Policies::read(tx, client).await?;
            let inputs = person::inputs(tx, &named, client, sign_in.purpose(), policies).await?;
            return apply(submission, Event::DeviceAdded(Box::new(inputs))).await;
        }
        Confirmed::Refused => return Ok(submission.abandon(StepPage::Enroll)),
        Confirmed::NotDue => Notice::ConfirmationNotDue,
        Confirmed::Malformed => Notice::ConfirmationMalformed,
        Confirmed::Wrong(left) => Notice::ConfirmationWrong(left),
    };
    submission.sign_in.stored.state.note(notice);
    submission.save_and_show(StepPage::Enroll).await
}

/// Cancels the sign-in together with the enrollment and the device pending in it.
pub(in crate::actions::sign_in) async fn cancel_enrollment(
    visit: Visit<'_>,
    sign_in: LoadedSignIn,
) -> Result<Next, SignInError> {
    let newest = overtaken::newest(&visit.app.storage, &sign_in).await?;
    let submission = Submission::begin(visit, sign_in).await?;
    if let Some(enrollment) = newest {
        people::lock(submission.tx(), enrollment.person_id()).await?;
        let filter = EnrollmentFilter::Ids(vec![enrollment.id()]);
        let context = submission.sign_in.context(visit);
        enrollment::cancel(visit.app, submission.tx(), filter, &context).await?;
    }
    apply(submission, Event::GaveUp).await
}

/// Shows the current step in place of the enrollment. If a second factor is the reason, cancels this sign-in's
/// enrollment.
async fn overtake(submission: Submission<'_>) -> Result<Next, SignInError> {
    let (visit, now) = (submission.visit, submission.now());
    let newest = overtaken::newest(submission.tx(), &submission.sign_in).await?;
    if !overtaken::is_overtaken(&submission.sign_in, newest.as_ref()) {
        return arrive(visit, submission.roll_back()).await;
    }
    let mut target = submission.sign_in.about();
    if let Some(enrollment) = newest {
        let filter = EnrollmentFilter::Ids(vec![enrollment.id()]);
        let ended = enrollments::end(submission.tx(), filter, EnrollmentTransition::Cancel, now).await?;
        let device = ended.first().and_then(|enrollment| enrollment.authenticator_id());
        target = about_enrollment(&enrollment).client(submission.sign_in.client.key).device(device);
    }
    let event = AuditEvent::EnrollmentFailed { reason: "second_factor_exists" };
    submission.audit(&event, target).await?;
    let Submission { action, sign_in, .. } = submission;
    action.commit().await?;
    match overtaken::page_after(&sign_in.step(now)) {
        Some(page) => Ok(Next::Overtaken(Box::new(sign_in), page)),
        None => arrive(visit, sign_in).await,
    }
}
