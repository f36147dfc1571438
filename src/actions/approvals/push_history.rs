//! Reads a person's recent challenges, earlier sign-ins and known browsers, the input of the push limits and of the warnings
//! on the phone.

use crate::{
    app::App,
    clock::Timestamp,
    directory::Person,
    factors::push::details::Flag,
    fault::Fault,
    limits::push::{HISTORY_SECONDS, History, NotBefore, Sent, may_ask, reserved, silent_until},
    storage::{
        Executor,
        challenges::{self, Challenge},
        known_browsers::{self, KnownBrowser},
        sessions::{self, BrowserSession},
    },
};
use ::entity::{enums::ChallengeState, ids::JourneyId};
use std::collections::BTreeMap;

/// The input of the push limits.
pub struct PushHistory {
    sent: Vec<Sent>,
    sessions: Vec<BrowserSession>,
    /// The browsers in which the person has proved a held factor. A password alone makes neither a browser nor a place
    /// known: a stranger may have learned it.
    known: Vec<KnownBrowser>,
    muted_until: Option<Timestamp>,
}

impl PushHistory {
    /// Loads the history of `person`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn load(db: &impl Executor, person: &Person, now: Timestamp) -> Result<Self, Fault> {
        let challenges = challenges::list_since(db, person.id, now.plus_seconds(-HISTORY_SECONDS)).await?;
        let mut known = known_browsers::list(db, person.id, now).await?;
        known.retain(|browser| browser.held_at.is_some());
        Ok(Self {
            known,
            sent: as_sent(&challenges, now),
            sessions: sessions::list_latest(db, person.id).await?,
            muted_until: person.push_muted_until,
        })
    }

    /// Returns whether a challenge may be sent now for this sign-in of the browser with this cookie hash.
    ///
    /// # Errors
    /// The limit that refuses it, and the time until then.
    pub fn may_ask(&self, journey: JourneyId, browser_hash: &[u8], now: Timestamp) -> Result<(), NotBefore> {
        if !self.knows(browser_hash) {
            return may_ask(&self.for_limits(), Some(journey), now);
        }
        let sent = reserved(&self.sent, journey);
        may_ask(&History { sent: &sent, ..self.for_limits() }, Some(journey), now)
    }

    /// Returns whether the person has proved a held factor in the browser with this cookie hash.
    pub(super) fn knows(&self, browser_hash: &[u8]) -> bool {
        self.known.iter().any(|browser| browser.browser_hash == browser_hash)
    }

    /// Returns whether notifications are suppressed now. A challenge then waits in the authenticator until it
    /// is opened.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        silent_until(&self.for_limits(), now).is_some()
    }

    /// Returns what is unusual about the browser with this cookie, and about this place.
    pub(super) fn flags(&self, app: &App, browser_hash: &[u8], place: Option<&str>) -> Vec<Flag> {
        let is_known = self.knows(browser_hash);
        let address_of = |browser: &KnownBrowser| browser.address.parse().ok();
        let places: Vec<String> =
            self.known.iter().filter_map(address_of).filter_map(|at| app.geoip.find(at)).collect();
        let is_new_place =
            place.is_some_and(|place| !places.is_empty() && places.iter().all(|known| known != place));
        [(!is_known).then_some(Flag::NewDevice), is_new_place.then_some(Flag::NewPlace)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Only a sign-in with a possession factor resets the limits: an attacker who knows only the password
    /// cannot reset them.
    fn for_limits(&self) -> History<'_> {
        let proofs = self.sessions.iter().flat_map(|session| &session.proofs);
        let held = proofs.filter(|proof| proof.is_held());
        History {
            sent: &self.sent,
            signed_in_at: held.map(|proof| proof.at()).max(),
            muted_until: self.muted_until,
        }
    }
}

/// Converts challenges to the limits' input, newest first. A superseded challenge ended when its successor
/// was sent.
fn as_sent(challenges: &[Challenge], now: Timestamp) -> Vec<Sent> {
    let mut next = BTreeMap::new();
    challenges
        .iter()
        .map(|challenge| {
            let mut sent = challenge.sent_at(now);
            let replaced_at =
                challenge.journey_id().and_then(|journey| next.insert(journey, challenge.created_at()));
            if challenge.stored_state() == ChallengeState::Superseded {
                sent.ends_at = replaced_at.unwrap_or(sent.ends_at);
            }
            sent
        })
        .collect()
}
