//! Offers an enrollment: a link to scan, and an activation code to type instead.

use crate::{
    actions::enrollment,
    app::{App, sealed_columns},
    audit::AuditEvent,
    factors::push::enrollment::{ACTIVATION_CODE_SYMBOLS, code_hash, link, secret_hash, shown_code},
    limits::lifetimes::ENROLLMENT_LIFETIME_SECONDS,
    signin::load::LoadedSignIn,
    storage::{
        Fault, Transaction,
        audit::about_enrollment,
        authenticators, challenges,
        enrollments::{self, Enrollment, NewEnrollment},
        people,
    },
    web::Browser,
};
use ::entity::ids::EnrollmentId;

/// The link and the code on the enrollment page.
pub(super) struct Shown {
    /// The link in the QR code.
    pub link: String,
    /// The activation code to type, as `XXXXX-XXXXX`.
    pub activation_code: String,
}

/// Begins an enrollment for the person who is signing in. Does nothing for a disabled person, or one with the
/// maximum number of devices.
pub(in crate::signin) async fn offer(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    tx: &Transaction,
) -> Result<(), Fault> {
    let Some(person) = loaded.stored.state.journey.person() else { return Ok(()) };
    challenges::lock_person(tx, person).await?;
    let person = people::get(tx, person).await?;
    let max_devices = app.directory.pool(person.pool_id).await?.policy.push.devices;
    if person.is_disabled
        || authenticators::list_active_or_suspended(tx, person.id).await?.len() >= usize::from(max_devices)
    {
        return Ok(());
    }
    let id = EnrollmentId(app.entropy.id(browser.context.now));
    let (secret, code) = (app.entropy.secret(), app.entropy.crockford(ACTIVATION_CODE_SYMBOLS));
    let sealed =
        app.sealing.rows().seal(&sealed_columns::enrollment_link(id), text_of(&secret, &code).as_bytes());
    let new = NewEnrollment {
        id,
        workspace_id: person.workspace_id,
        person_id: person.id,
        journey_id: Some(loaded.stored.id),
        secret_hash: secret_hash(&secret).to_vec(),
        code_hash: code_hash(&sealed_columns::code_key(&app.sealing), &code),
        link_sealed: sealed,
        created_at: browser.context.now,
        expires_at: browser.context.now.plus_seconds(ENROLLMENT_LIFETIME_SECONDS),
    };
    // A person has one enrollment at a time.
    let older = enrollments::EnrollmentFilter::Person(person.id);
    enrollment::cancel(app, tx, older, &loaded.context(browser)).await?;
    let enrollment = enrollments::insert_enrollment(tx, new).await?;
    let target = about_enrollment(&enrollment).client(loaded.client.key);
    let event = AuditEvent::EnrollmentStarted;
    app.audit(tx, &loaded.context(browser), &event, target).await
}

/// Returns the link and the code of an offer, to show them again.
pub(super) fn shown(app: &App, enrollment: &Enrollment) -> Result<Shown, Fault> {
    let purpose = sealed_columns::enrollment_link(enrollment.id());
    let opened = app.sealing.rows().open(&purpose, enrollment.link_sealed());
    let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once('.'));
    let (secret, code) = parts.ok_or_else(|| Fault::broken(format!("cannot open {purpose}")))?;
    Ok(Shown {
        link: link(&app.addresses.authenticator_url, enrollment.id(), secret),
        activation_code: shown_code(code),
    })
}

fn text_of(secret: &str, code: &str) -> String {
    format!("{secret}.{code}")
}
