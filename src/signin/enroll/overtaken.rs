//! Handles a tab that would add a phone after the person has got a second factor elsewhere: adds nothing, and
//! continues the sign-in with that factor.

use super::status;
use crate::{
    app::App,
    audit::AuditEvent,
    directory::FactorKind,
    factors::push::EnrollmentTransition,
    http::urls::Path,
    journey::Step,
    signin::{
        identifier::Query,
        load::{LoadedSignIn, path_of},
        settle::go_to_step,
    },
    storage::{
        Executor, Fault, Transaction,
        audit::about_enrollment,
        enrollments::{self, Enrollment, EnrollmentFilter},
    },
    web::{Browser, page},
};
use ::entity::enums::EnrollmentState;
use poem::{Response, Result};

/// The query parameter, and its value, by which the next page explains this.
const NOTICE: (&str, &str) = ("notice", "second_factor_exists");

/// Redirects from a form of the enrollment to the current step. If a second factor is the reason, cancels
/// this sign-in's enrollment in `tx`.
pub(in crate::signin) async fn overtaken(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    tx: Transaction,
) -> Result<Response> {
    let newest = status::newest(&tx, &loaded).await?;
    if !is_overtaken(&loaded, newest.as_ref()) {
        drop(tx);
        return go_to_step(app, browser, loaded).await;
    }
    let mut target = loaded.about();
    if let Some(enrollment) = newest {
        let filter = EnrollmentFilter::Ids(vec![enrollment.id()]);
        let ended = enrollments::end(&tx, filter, EnrollmentTransition::Cancel, browser.context.now).await?;
        let device = ended.first().and_then(|enrollment| enrollment.authenticator_id());
        target = about_enrollment(&enrollment).client(loaded.client.key).device(device);
    }
    let event = AuditEvent::EnrollmentFailed { reason: NOTICE.1 };
    app.audit(&tx, &loaded.context(browser), &event, target).await?;
    tx.commit().await?;
    match address(&loaded, &loaded.step(browser)) {
        Some(address) => page::see_other(&address),
        None => go_to_step(app, browser, loaded).await,
    }
}

/// Returns the address of the page that explains it, for a GET of the enrollment page; `None` when the
/// sign-in has left the step for another reason.
pub(super) async fn page_after(
    db: &impl Executor,
    loaded: &LoadedSignIn,
    step: &Step,
) -> Result<Option<String>, Fault> {
    let newest = status::newest(db, loaded).await?;
    Ok(address(loaded, step).filter(|_| is_overtaken(loaded, newest.as_ref())))
}

/// Returns the sentence for the page of a second factor after such a redirect.
pub(in crate::signin) fn notice(query: &Query, asked_for: FactorKind) -> Option<String> {
    let words = match asked_for {
        FactorKind::Push => {
            "Another phone was added to this account, so nothing was added here. Sign in with that phone."
        }
        FactorKind::Totp => {
            "A code app was added to this account, so no phone was added here. Sign in with a code from that app."
        }
        FactorKind::Password => return None,
    };
    (query.get(NOTICE.0) == Some(NOTICE.1)).then(|| words.to_owned())
}

/// Returns whether the person has a second factor that this sign-in did not enroll.
fn is_overtaken(loaded: &LoadedSignIn, newest: Option<&Enrollment>) -> bool {
    let is_own = newest.is_some_and(|enrollment| enrollment.stored_state() == EnrollmentState::Confirmed);
    loaded.stored.state.journey.has_second_factor() && !is_own
}

fn address(loaded: &LoadedSignIn, step: &Step) -> Option<String> {
    let path = path_of(step);
    let says_so = matches!(path, Path::SigninPush | Path::SigninTotp);
    says_so.then(|| format!("{}&{}={}", loaded.at(path), NOTICE.0, NOTICE.1))
}
