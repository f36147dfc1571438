//! What a person's phone has been asked lately, and from where they have signed in before.

use crate::{
    app::App,
    clock::Timestamp,
    directory::Person,
    factors::{Class, class, push::details::Flag},
    limits::push::{HISTORY_SECONDS, History, NotBefore, Sent, may_ask, silent_until},
    signin::visit::Visit,
    storage::{
        Executor, Fault,
        challenges::{self, Challenge},
        sessions::{self, BrowserSession},
    },
};
use ::entity::{challenge::ChallengeState, ids::JourneyId};
use std::collections::BTreeMap;

/// What the limits reckon with.
pub(super) struct PushHistory {
    sent: Vec<Sent>,
    sessions: Vec<BrowserSession>,
    muted_until: Option<Timestamp>,
}

impl PushHistory {
    /// That of `person`.
    pub(super) async fn load(db: &impl Executor, person: &Person, now: Timestamp) -> Result<Self, Fault> {
        let challenges = challenges::list_since(db, person.id, now.plus_seconds(-HISTORY_SECONDS)).await?;
        Ok(Self {
            sent: as_sent(&challenges, now),
            sessions: sessions::list_latest(db, person.id).await?,
            muted_until: person.push_muted_until,
        })
    }

    /// Whether the devices may be asked for this sign-in now.
    pub(super) fn may_ask(&self, journey: JourneyId, now: Timestamp) -> Result<(), NotBefore> {
        may_ask(&self.reckoned(), Some(journey), now)
    }

    /// Whether the phones stay silent. What is asked then waits in the authenticator until it is opened.
    pub(super) fn is_silent(&self, now: Timestamp) -> bool {
        silent_until(&self.reckoned(), now).is_some()
    }

    /// What is unusual about this visit.
    pub(super) fn flags(&self, app: &App, visit: &Visit, place: Option<&str>) -> Vec<Flag> {
        let browser = visit.browser_hash();
        let is_known = self.sessions.iter().any(|session| Some(&session.browser_hash) == browser.as_ref());
        let address_of = |session: &BrowserSession| session.address.parse().ok();
        let places: Vec<String> =
            self.sessions.iter().filter_map(address_of).filter_map(|at| app.geoip.find(at)).collect();
        let is_new_place =
            place.is_some_and(|place| !places.is_empty() && places.iter().all(|known| known != place));
        [(!is_known).then_some(Flag::NewDevice), is_new_place.then_some(Flag::NewPlace)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// A sign-in counts as completed by what was held: whoever knows only the password resets no limit.
    fn reckoned(&self) -> History<'_> {
        let proofs = self.sessions.iter().flat_map(|session| &session.proofs);
        let held = proofs.filter(|proof| class(proof.kind()) == Class::Held);
        History {
            sent: &self.sent,
            signed_in_at: held.map(|proof| proof.at()).max(),
            muted_until: self.muted_until,
        }
    }
}

/// As the limits see them, the newest first. One that was resent ended when the next was sent.
fn as_sent(challenges: &[Challenge], now: Timestamp) -> Vec<Sent> {
    let mut next = BTreeMap::new();
    challenges
        .iter()
        .map(|challenge| {
            let mut sent = challenges::sent(challenge, now);
            let replaced_at =
                challenge.journey_id.and_then(|journey| next.insert(journey, challenge.created_at));
            if challenge.state == ChallengeState::Superseded {
                sent.ends_at = replaced_at.unwrap_or(sent.ends_at);
            }
            sent
        })
        .collect()
}
