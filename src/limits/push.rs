//! Rate limits of push: how often a person's devices are challenged and notified (push fatigue, MFA bombing).
//! Never reads the history: the caller passes the recent challenges, which storage keeps.
//! Spec: authenticator protocol §10, `docs/people.md`. Called by: `signin`, `device_api` and `storage`.

use crate::clock::Timestamp;
use ::entity::ids::JourneyId;

/// Seconds between two challenges of one sign-in.
pub const RESEND_AFTER_SECONDS: i64 = 10;
/// Number of challenges that a person may have open in different sign-ins.
pub const MAX_OPEN_CHALLENGES: usize = 2;
/// Unapproved challenges of a person in each window: (number, seconds).
pub const MAX_UNAPPROVED_PER_WINDOW: [(usize, i64); 2] = [(5, 5 * 60), (15, 3600)];
/// Number of unapproved challenges in a row without a pause.
pub const FREE_FAILURES: usize = 2;
/// The pause after the first failure beyond [`FREE_FAILURES`] and the longest pause, in seconds; each further
/// failure doubles the pause.
pub const BACKOFF_SECONDS: (i64, i64) = (10, 3600);
/// Seconds after which an unapproved challenge no longer counts.
pub const FAILURE_WINDOW_SECONDS: i64 = 24 * 3600;
/// Number of wrong numbers within [`REFUSAL_WINDOW_SECONDS`] that pauses push.
pub const MAX_WRONG_NUMBERS: usize = 3;
/// Number of denials within [`REFUSAL_WINDOW_SECONDS`] that mutes push.
pub const MAX_DENIALS: usize = 3;
/// Seconds in which wrong numbers are counted; denials are counted in the same time.
pub const REFUSAL_WINDOW_SECONDS: i64 = 15 * 60;
/// Seconds without challenges after too many wrong numbers.
pub const MISMATCH_PAUSE_SECONDS: i64 = 15 * 60;
/// Seconds without notifications after too many denials or one report.
pub const MUTE_SECONDS: i64 = 20 * 60;
/// Seconds of history that the rules need: the longest window.
pub const HISTORY_SECONDS: i64 = FAILURE_WINDOW_SECONDS;
/// Number of devices that receive a challenge, when the policy of the pool names no other.
pub const DEFAULT_DEVICES_PER_CHALLENGE: u8 = 5;
/// Number of devices of a person, when the policy of the pool names no other.
pub const DEFAULT_DEVICES_PER_PERSON: u8 = 5;
/// Number of test pushes of one device within [`TEST_PUSH_WINDOW_SECONDS`] (authenticator protocol §10).
pub const MAX_TEST_PUSHES: usize = 3;
/// Seconds in which test pushes are counted.
pub const TEST_PUSH_WINDOW_SECONDS: i64 = 3600;
/// Kilometers between browser and phone beyond which the phone warns of the distance, after the uncertainty
/// of the location database is subtracted. Within it, one may be at home and the other at work, or a carrier
/// may route its phones through another city.
pub const FAR_FROM_PHONE_KILOMETERS: f64 = 500.0;

/// The outcome of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeOutcome {
    /// Not answered yet.
    Open,
    /// Approved.
    Approved,
    /// Denied or reported.
    Denied,
    /// Approved with a wrong number.
    Mismatched,
    /// Expired or superseded.
    Unanswered,
}

/// One challenge of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The sign-in; `None` for a test push.
    pub journey: Option<JourneyId>,
    /// The time of sending.
    pub at: Timestamp,
    /// The time of the decision; the expiry while open.
    pub ends_at: Timestamp,
    /// The outcome.
    pub outcome: ChallengeOutcome,
    /// Whether a browser asked for it in which the person had proved a held factor before.
    pub is_from_known_browser: bool,
}

/// The recent challenges of a person.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// The challenges of the last [`HISTORY_SECONDS`] seconds, newest first.
    pub sent: &'a [Sent],
    /// The person's last completed sign-in.
    pub signed_in_at: Option<Timestamp>,
    /// The person's `push_muted_until`.
    pub muted_until: Option<Timestamp>,
}

/// The limit that forbids a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Resent too soon.
    Resend,
    /// Too many in a short time.
    Budget,
    /// Too many failures in a row.
    BackOff,
    /// Too many open in other sign-ins.
    Open,
    /// Too many wrong numbers.
    Mismatches,
}

impl Limit {
    /// The code in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Budget => "budget",
            Self::BackOff => "back_off",
            Self::Open => "open",
            Self::Mismatches => "mismatches",
        }
    }
}

/// The error for a rate-limited challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBefore {
    /// The instant from which a challenge is allowed.
    pub at: Timestamp,
    /// The limit.
    pub limit: Limit,
}

/// Checks whether the devices may be challenged for `journey` now; the error is the longest wait of all
/// limits. Muting is not a limit: a muted challenge sends no notification, and the person finds it by opening
/// the authenticator.
pub fn may_ask(history: &History<'_>, journey: Option<JourneyId>, now: Timestamp) -> Result<(), NotBefore> {
    let after_mismatches = newest_of(MAX_WRONG_NUMBERS, ChallengeOutcome::Mismatched, history.sent)
        .map(|last| last.plus_seconds(MISMATCH_PAUSE_SECONDS));
    let waits = [
        (Limit::Mismatches, after_mismatches),
        (Limit::BackOff, back_off(history, now)),
        (Limit::Budget, full_window(history.sent, now)),
        (Limit::Open, open_elsewhere(history.sent, journey, now)),
        (Limit::Resend, resend(history.sent, journey)),
    ];
    waits
        .into_iter()
        .filter_map(|(limit, at)| Some(NotBefore { at: at.filter(|at| *at > now)?, limit }))
        .max_by_key(|wait| wait.at)
        .map_or(Ok(()), Err)
}

/// Returns the challenges that count against a browser in which the person has proved a held factor before: those of
/// such browsers, and those of its own sign-in. The challenges of a stranger who knows the password, which the person
/// ignores, must not refuse the person's own.
pub fn reserved(sent: &[Sent], journey: JourneyId) -> Vec<Sent> {
    let counts = |one: &&Sent| one.is_from_known_browser || one.journey == Some(journey);
    sent.iter().filter(counts).copied().collect()
}

/// The end of muting if later than `now`: a report or too many denials stop notifications to the person's
/// phones.
pub fn silent_until(history: &History<'_>, now: Timestamp) -> Option<Timestamp> {
    history.muted_until.max(mute_after_denial(history.sent)).filter(|until| *until > now)
}

/// The end of muting after the newest denial, if denials mute push; storage writes it to the person.
pub fn mute_after_denial(sent: &[Sent]) -> Option<Timestamp> {
    newest_of(MAX_DENIALS, ChallengeOutcome::Denied, sent).map(|last| last.plus_seconds(MUTE_SECONDS))
}

/// The time of the newest challenge with this outcome, if `count` of them ended within
/// [`REFUSAL_WINDOW_SECONDS`].
fn newest_of(count: usize, outcome: ChallengeOutcome, sent: &[Sent]) -> Option<Timestamp> {
    let of_kind = || sent.iter().filter(|one| one.outcome == outcome).map(|one| one.ends_at);
    let newest = of_kind().next()?;
    let oldest = of_kind().nth(count.checked_sub(1)?)?;
    (newest.seconds_since(oldest) < REFUSAL_WINDOW_SECONDS).then_some(newest)
}

/// The end of the pause after failures in a row, which doubles from the third on: 10, 20, 40 … 3600 seconds.
fn back_off(history: &History<'_>, now: Timestamp) -> Option<Timestamp> {
    let is_in_row = |one: &&Sent| {
        one.outcome != ChallengeOutcome::Approved
            && now.seconds_since(one.ends_at) < FAILURE_WINDOW_SECONDS
            && history.signed_in_at.is_none_or(|signed_in| one.at > signed_in)
    };
    let failed =
        || history.sent.iter().take_while(is_in_row).filter(|one| one.outcome != ChallengeOutcome::Open);
    let newest = failed().next()?;
    let doublings = u32::try_from(failed().count().checked_sub(FREE_FAILURES + 1)?).unwrap_or(u32::MAX);
    let pause = BACKOFF_SECONDS.0.saturating_mul(1_i64.checked_shl(doublings.min(40)).unwrap_or(i64::MAX));
    Some(newest.ends_at.plus_seconds(pause.min(BACKOFF_SECONDS.1)))
}

/// The time at which the oldest challenge of a full window leaves it; approved ones do not count.
fn full_window(sent: &[Sent], now: Timestamp) -> Option<Timestamp> {
    let counted = || sent.iter().filter(|one| one.outcome != ChallengeOutcome::Approved && one.at <= now);
    MAX_UNAPPROVED_PER_WINDOW
        .into_iter()
        .filter_map(|(most, window)| Some(counted().nth(most - 1)?.at.plus_seconds(window)))
        .max()
}

/// The time at which the first open challenge of another sign-in expires, if [`MAX_OPEN_CHALLENGES`] of them
/// are open. An open challenge of the same sign-in does not count, because the new one supersedes it.
fn open_elsewhere(sent: &[Sent], journey: Option<JourneyId>, now: Timestamp) -> Option<Timestamp> {
    let open = |one: &&Sent| one.outcome == ChallengeOutcome::Open && one.ends_at > now;
    let elsewhere = || sent.iter().filter(open).filter(|one| one.journey != journey || journey.is_none());
    (elsewhere().count() >= MAX_OPEN_CHALLENGES).then(|| elsewhere().map(|one| one.ends_at).min()).flatten()
}

fn resend(sent: &[Sent], journey: Option<JourneyId>) -> Option<Timestamp> {
    let last = sent.iter().find(|one| one.journey == journey && journey.is_some())?;
    Some(last.at.plus_seconds(RESEND_AFTER_SECONDS))
}

#[cfg(test)]
mod tests;
