//! What every page of a step shows.

use super::navigation::{OVERTAKEN, Query};
use crate::{
    actions::sign_in::{Handle, LoadedSignIn},
    app::App,
    clock::Timestamp,
    journey::RequirementReason,
    themes,
    web::Browser,
};
use poem::Result;
use std::collections::BTreeSet;

/// Returns what every page of the sign-in contains.
pub(super) fn frame(
    app: &App,
    browser: &Browser,
    sign_in: &LoadedSignIn,
    reason: Option<String>,
) -> themes::StepFrame {
    let handle = match sign_in.handle() {
        Handle::Request(sealed) => themes::Handle::request(sealed.to_owned()),
        Handle::Journey(id) => themes::Handle::journey(id.to_string()),
    };
    themes::StepFrame {
        application: sign_in.application().to_owned(),
        csrf: browser.form_token(app),
        handle,
        reason,
    }
}

/// Does the same for a page that asks the current person: its form is void once another person is signed in.
pub(super) fn frame_for_person(
    app: &App,
    browser: &Browser,
    sign_in: &LoadedSignIn,
) -> Result<themes::StepFrame> {
    let step = frame(app, browser, sign_in, None);
    Ok(match sign_in.seal_for_person(app)? {
        Some(sealed) => themes::StepFrame { handle: themes::Handle::request(sealed), ..step },
        None => step,
    })
}

/// Returns the whole seconds until `instant`, rounded up; `None` when it has passed.
pub(super) fn seconds_until(instant: Option<Timestamp>, now: Timestamp) -> Option<u64> {
    let milliseconds = u64::try_from(instant?.0.saturating_sub(now.0)).ok()?;
    (milliseconds > 0).then(|| milliseconds.div_ceil(1000))
}

/// Returns why this step is required, when the sign-in itself does not explain it.
pub(super) fn why(reasons: &BTreeSet<RequirementReason>, application: &str) -> Option<String> {
    let because = |reason| reasons.contains(&reason);
    if because(RequirementReason::Enrollment) {
        Some("Before a phone is added, confirm that it is you.".to_owned())
    } else if because(RequirementReason::PasswordChange) {
        Some("Your password must be changed. First confirm that it is you.".to_owned())
    } else if because(RequirementReason::MaxAge) {
        Some(format!("You signed in a while ago. {application} asks you to confirm that it is still you."))
    } else if because(RequirementReason::PromptLogin) {
        Some(format!("{application} asks you to sign in again."))
    } else if because(RequirementReason::Acr) || because(RequirementReason::ClientAcr) {
        Some(format!("{application} asks for a second proof that it is you before it goes on."))
    } else {
        None
    }
}

/// Returns `words` for the page of a second factor that the person has got elsewhere while this sign-in was to add a
/// phone.
pub(super) fn overtaken_notice(query: &Query, words: &str) -> Option<String> {
    (query.get(OVERTAKEN.0) == Some(OVERTAKEN.1)).then(|| words.to_owned())
}
