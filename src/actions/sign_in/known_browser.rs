//! Whether a browser is known to a person: whether the person has signed in with it, by the strongest factor that they
//! have.
//!
//! A password alone makes a browser known only to a person without a held factor: otherwise a stranger who has learned
//! the password would make their own browser known by it.

use super::{LoadedSignIn, Visit, submission::Submission};
use crate::{
    app::App,
    clock::Timestamp,
    fault::Fault,
    journey::{Assurance, Methods, Subject},
    limits::lockout::BrowserFamiliarity,
    storage::known_browsers::{self, SignedIn},
};
use ::entity::ids::PersonId;

/// Returns whether the browser with this cookie hash is known to the person with this id, of whom `methods` says which
/// factors they have. Runs the same statement for an id that is unused.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn is_known(
    app: &App,
    browser_hash: &[u8],
    id: PersonId,
    methods: &Methods,
    now: Timestamp,
) -> Result<bool, Fault> {
    let known = known_browsers::find(&app.storage, id, browser_hash, now).await?;
    Ok(known.is_some_and(|known| known.held_at.is_some() || !methods.has_held_factor()))
}

/// Returns whether the browser of a sign-in is known to its person now.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn familiarity(
    visit: Visit<'_>,
    sign_in: &LoadedSignIn,
) -> Result<BrowserFamiliarity, Fault> {
    let (app, now) = (visit.app, visit.context.now);
    let id = sign_in.person().unwrap_or_else(|| PersonId(app.entropy.id(now)));
    let is_known = match sign_in.journey().subject() {
        Subject::Unnamed => false,
        Subject::NoSuchPerson | Subject::Person(_) => {
            is_known(app, sign_in.browser_hash(), id, &sign_in.inputs.methods, now).await?
        }
    };
    Ok(if is_known { BrowserFamiliarity::Known } else { BrowserFamiliarity::Unknown })
}

/// Remembers the browser of a sign-in that has just been completed by a proof. One that only went on with the browser's
/// session proves nothing new, and is not counted as a use.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn remember(submission: &Submission<'_>, assurance: &Assurance) -> Result<(), Fault> {
    let sign_in = &submission.sign_in;
    let has_held_proof = assurance.proofs.iter().any(|proof| proof.is_held());
    let has_held_factor = sign_in.inputs.methods.has_held_factor();
    if assurance.session.is_some() || (has_held_factor && !has_held_proof) {
        return Ok(());
    }
    let signed_in = SignedIn {
        person: assurance.person,
        browser_hash: sign_in.browser_hash(),
        has_held_proof,
        address: &submission.visit.context.address().to_string(),
    };
    known_browsers::remember(submission.tx(), signed_in, submission.now()).await
}
