//! The confirmation code, typed into the browser that began the enrollment: a person who claims another
//! person's activation code cannot add their own phone with it.

use super::{overtaken::overtaken, status};
use crate::{
    actions::enrollment,
    app::{App, sealed_columns},
    audit::{AuditEvent, Via},
    factors::push::{
        EnrollmentTransition,
        enrollment::{CONFIRMATION_DIGITS, is_confirmed},
    },
    http::urls::Path,
    journey::{Event, Step},
    limits::lockout::MAX_CONFIRM_ATTEMPTS,
    signin::{
        identifier::handles,
        load::LoadedSignIn,
        person,
        settle::{apply_event, offer_enrollment, save_and_show},
    },
    storage::{
        Fault, Transaction,
        audit::about_enrollment,
        authenticators::{self, Entitlement},
        challenges,
        enrollments::{self, Enrollment, EnrollmentFilter},
        people,
    },
    web::{Browser, Decision, Form, page},
};
use ::entity::enums::EnrollmentState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Accepts the code, a new beginning, or a cancellation.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let mut loaded = LoadedSignIn::load(app, &browser, handles(&form)).await?;
    if form.decision() == Some(Decision::Deny) {
        return cancel(app, &browser, loaded).await;
    }
    loaded.stored.state.notice = None;
    match form.get("confirmation") {
        _ if form.decision() == Some(Decision::Allow) => {
            offer_enrollment(app, &browser, loaded, app.storage.begin().await?).await
        }
        Some(typed) => attempt(app, &browser, loaded, typed).await,
        None => page::see_other(&loaded.at(Path::SigninEnroll)),
    }
}

/// Cancels the sign-in together with the enrollment and the device pending in it.
async fn cancel(app: &App, browser: &Browser, loaded: LoadedSignIn) -> Result<Response> {
    let enrollment = status::newest(&app.storage, &loaded).await?;
    let tx = app.storage.begin().await?;
    if let Some(enrollment) = enrollment {
        challenges::lock_person(&tx, enrollment.person_id()).await?;
        let filter = EnrollmentFilter::Ids(vec![enrollment.id()]);
        enrollment::cancel(app, &tx, filter, &loaded.context(browser)).await?;
    }
    apply_event(app, browser, loaded, tx, Event::GaveUp).await
}

async fn attempt(app: &App, browser: &Browser, mut loaded: LoadedSignIn, typed: &str) -> Result<Response> {
    let tx = app.storage.begin().await?;
    loaded.refresh_in(app, browser, &tx).await?;
    if !matches!(loaded.step(browser), Step::Enroll(_)) {
        return overtaken(app, browser, loaded, tx).await;
    }
    let enrollment = status::newest(&tx, &loaded).await?;
    let is_due = |enrollment: &Enrollment| {
        enrollment.state_at(browser.context.now) == EnrollmentState::Completed
            && loaded.stored.state.journey.person() == Some(enrollment.person_id())
    };
    let Some(enrollment) = enrollment.filter(is_due) else {
        let notice = "The phone has no confirmation code yet. Follow its steps first.";
        loaded.stored.state.notice = Some(notice.to_owned());
        return save_and_show(app, browser, loaded, tx, Path::SigninEnroll).await;
    };
    let digits: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
    if digits.len() != CONFIRMATION_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let notice = format!("Type the {CONFIRMATION_DIGITS} digits that the phone shows.");
        loaded.stored.state.notice = Some(notice);
        return save_and_show(app, browser, loaded, tx, Path::SigninEnroll).await;
    }
    let key = sealed_columns::code_key(&app.sealing);
    let stored = enrollment.confirmation_hash().unwrap_or_default();
    if is_confirmed(&key, enrollment.id(), &digits, stored) {
        confirm(app, browser, loaded, tx, &enrollment).await
    } else {
        wrong(app, browser, loaded, tx, &enrollment).await
    }
}

/// Activates the device and continues the sign-in, which challenges it at once. `tx` holds the lock on the
/// person's row.
async fn confirm(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    tx: Transaction,
    enrollment: &Enrollment,
) -> Result<Response> {
    let person = people::get(&tx, enrollment.person_id()).await?;
    let max_devices = app.directory.pool(person.pool_id).await?.policy.push.devices;
    let devices = authenticators::list_active_or_suspended(&tx, person.id).await?.len();
    let entitlement = match loaded.stored.state.journey.is_proved_by_second_factor() {
        true => Entitlement::ProvedBySecondFactor,
        false => Entitlement::FirstSecondFactor,
    };
    let may_have_more = devices < usize::from(max_devices);
    if !may_have_more || !enrollments::confirm(&tx, enrollment, entitlement, browser.context.now).await? {
        return page::see_other(&loaded.at(Path::SigninEnroll));
    }
    let context = loaded.context(browser);
    let target = about_enrollment(enrollment).client(loaded.client.key);
    app.audit(&tx, &context, &AuditEvent::EnrollmentConfirmed, target).await?;
    // From now on a second factor protects the person: enrollments that other sign-ins have begun end, and
    // their phones are notified.
    enrollment::cancel(app, &tx, EnrollmentFilter::Person(person.id), &context).await?;
    let enrolled = person::enrolled(app, &tx, &person, &loaded.client, loaded.request()).await?;
    apply_event(app, browser, loaded, tx, Event::Refreshed(enrolled)).await
}

/// Counts a wrong code; the third one ends this enrollment. A later attempt changes nothing.
async fn wrong(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    tx: Transaction,
    enrollment: &Enrollment,
) -> Result<Response> {
    let failures = enrollments::count_confirm_failure(&tx, enrollment.id(), browser.context.now).await?;
    let Some(failures) = failures else { return page::see_other(&loaded.at(Path::SigninEnroll)) };
    let left = MAX_CONFIRM_ATTEMPTS.saturating_sub(failures);
    if left <= 0 {
        end(app, browser, &loaded, &tx, enrollment).await?;
    }
    let notice = match left {
        ..=0 => "Three wrong confirmation codes: that phone was not added.".to_owned(),
        1 => "That is not the code on the phone. You have 1 attempt left.".to_owned(),
        left => format!("That is not the code on the phone. You have {left} attempts left."),
    };
    loaded.stored.state.notice = Some(notice);
    save_and_show(app, browser, loaded, tx, Path::SigninEnroll).await
}

async fn end(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    tx: &Transaction,
    enrollment: &Enrollment,
) -> Result<(), Fault> {
    enrollments::end(
        tx,
        EnrollmentFilter::Ids(vec![enrollment.id()]),
        EnrollmentTransition::Fail,
        browser.context.now,
    )
    .await?;
    let event = AuditEvent::EnrollmentFailed { reason: "confirmation" };
    let target = about_enrollment(enrollment).client(loaded.client.key);
    app.audit(tx, &loaded.context(browser), &event, target).await
}
