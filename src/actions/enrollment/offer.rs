//! Offers an enrollment: a link to scan, and an activation code to type instead.

use super::{cancel, has_room};
use crate::{
    actions::tickets::{self, Entitled},
    app::{App, RequestContext, Tenant, sealed_columns},
    audit::AuditEvent,
    directory::Person,
    factors::push::enrollment::{ACTIVATION_CODE_SYMBOLS, code_hash, link, secret_hash, shown_code},
    fault::Fault,
    limits::lifetimes::ENROLLMENT_LIFETIME_SECONDS,
    storage::{
        Transaction,
        audit::about_enrollment,
        challenges,
        enrollments::{self, Enrollment, NewEnrollment},
        people,
    },
};
use ::entity::ids::{ClientKey, EnrollmentId, JourneyId, PersonId};

/// The link and the code on the enrollment page.
pub struct Shown {
    /// The link in the QR code.
    pub link: String,
    /// The activation code to type, as `XXXXX-XXXXX`, after the slug of another workspace than that at the root.
    pub activation_code: String,
}

/// The person to whom an enrollment is offered, and the sign-in in which it happens.
pub(in crate::actions) struct Offer {
    /// The sign-in, whose browser alone may confirm the device.
    pub journey: JourneyId,
    /// The person.
    pub person: PersonId,
    /// The client, for the audit event.
    pub client: ClientKey,
    /// Whether a second factor of the person was proved in this sign-in.
    pub is_proved: bool,
}

/// Begins an enrollment for the person who is signing in. Does nothing for a disabled person, one with the maximum
/// number of devices, or one who has to redeem a ticket first.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn offer(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    offer: &Offer,
) -> Result<(), Fault> {
    challenges::lock_person(tx, offer.person).await?;
    let person = people::get(tx, offer.person).await?;
    if person.is_disabled || !has_room(app, tx, &person).await? {
        return Ok(());
    }
    if tickets::entitled(tx, &person, offer.journey, offer.is_proved).await? == Entitled::TicketOwed {
        return Ok(());
    }
    let new = enrollment(app, context, &person, offer.journey);
    // A person has one enrollment at a time.
    cancel(app, tx, enrollments::EnrollmentFilter::Person(person.id), context).await?;
    let enrollment = enrollments::insert_enrollment(tx, new).await?;
    let target = about_enrollment(&enrollment).client(offer.client);
    app.audit(tx, context, &AuditEvent::EnrollmentStarted, target).await
}

fn enrollment(app: &App, context: &RequestContext, person: &Person, journey: JourneyId) -> NewEnrollment {
    let id = EnrollmentId(app.entropy.id(context.now));
    let (secret, code) = (app.entropy.secret(), app.entropy.crockford(ACTIVATION_CODE_SYMBOLS));
    let sealed =
        app.sealing.rows().seal(&sealed_columns::enrollment_link(id), text_of(&secret, &code).as_bytes());
    NewEnrollment {
        id,
        workspace_id: person.workspace_id,
        person_id: person.id,
        journey_id: Some(journey),
        secret_hash: secret_hash(&secret).to_vec(),
        code_hash: code_hash(&sealed_columns::code_key(&app.sealing), &code),
        link_sealed: sealed,
        created_at: context.now,
        expires_at: context.now.plus_seconds(ENROLLMENT_LIFETIME_SECONDS),
    }
}

/// Returns the link and the code of an offer, to show them again.
///
/// # Errors
/// When the sealed column cannot be opened.
pub fn shown(app: &App, tenant: &Tenant, enrollment: &Enrollment) -> Result<Shown, Fault> {
    let purpose = sealed_columns::enrollment_link(enrollment.id());
    let opened = app.sealing.rows().open(&purpose, enrollment.link_sealed());
    let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once('.'));
    let (secret, code) = parts.ok_or_else(|| Fault::broken(format!("cannot open {purpose}")))?;
    let code = shown_code(code);
    Ok(Shown {
        link: link(&app.addresses.authenticator_url, enrollment.id(), secret, tenant.urls.base()),
        activation_code: match tenant.is_root() {
            true => code,
            false => format!("{}/{code}", tenant.workspace.slug),
        },
    })
}

fn text_of(secret: &str, code: &str) -> String {
    format!("{secret}.{code}")
}
