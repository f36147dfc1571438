//! Rate limits of push: how often a person's devices may be challenged and notified, against push fatigue.
//! Pure rules over the recent challenges; storage keeps the history.

use crate::clock::Timestamp;
use ::entity::ids::JourneyId;

/// Seconds between two challenges of one sign-in.
const RESEND_AFTER_SECONDS: i64 = 10;
/// Number of challenges that a person may have open in different sign-ins.
const MAX_OPEN_CHALLENGES: usize = 2;
/// Unapproved challenges per window: (number, seconds).
const MAX_UNAPPROVED_PER_WINDOW: [(usize, i64); 2] = [(5, 5 * 60), (15, 3600)];
/// Number of failures in a row without a pause.
const FREE_FAILURES: usize = 2;
/// The first and the longest pause, in seconds.
const BACKOFF_SECONDS: (i64, i64) = (10, 3600);
/// Seconds after which a failure no longer counts.
const FAILURE_WINDOW_SECONDS: i64 = 24 * 3600;
/// Number of wrong numbers within [`STRIKE_WINDOW_SECONDS`] that pauses push, and of denials that mutes it.
const MAX_STRIKES: usize = 3;
const STRIKE_WINDOW_SECONDS: i64 = 15 * 60;
/// Seconds without challenges after too many wrong numbers.
const MISMATCH_PAUSE_SECONDS: i64 = 15 * 60;
/// Seconds without notifications after too many denials or one report.
pub const MUTE_SECONDS: i64 = 20 * 60;
/// Seconds that a history must cover.
pub const HISTORY_SECONDS: i64 = FAILURE_WINDOW_SECONDS;

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
    let after_mismatches = strikes(history.sent, ChallengeOutcome::Mismatched)
        .map(|last| last.plus_seconds(MISMATCH_PAUSE_SECONDS));
    let waits = [
        (Limit::Mismatches, after_mismatches),
        (Limit::BackOff, back_off(history, now)),
        (Limit::Budget, budget(history.sent, now)),
        (Limit::Open, open_elsewhere(history.sent, journey, now)),
        (Limit::Resend, resend(history.sent, journey)),
    ];
    waits
        .into_iter()
        .filter_map(|(limit, at)| Some(NotBefore { at: at.filter(|at| *at > now)?, limit }))
        .max_by_key(|wait| wait.at)
        .map_or(Ok(()), Err)
}

/// The end of muting if later than `now`: a report or too many denials stop notifications to the person's
/// phones.
pub fn silent_until(history: &History<'_>, now: Timestamp) -> Option<Timestamp> {
    history.muted_until.max(mute_after_denial(history.sent)).filter(|until| *until > now)
}

/// The end of muting after the newest denial, if denials mute push; storage writes it to the person.
pub fn mute_after_denial(sent: &[Sent]) -> Option<Timestamp> {
    strikes(sent, ChallengeOutcome::Denied).map(|last| last.plus_seconds(MUTE_SECONDS))
}

/// The time of the newest of three challenges with this outcome within [`STRIKE_WINDOW_SECONDS`].
fn strikes(sent: &[Sent], outcome: ChallengeOutcome) -> Option<Timestamp> {
    let mut of_kind = sent.iter().filter(|one| one.outcome == outcome).map(|one| one.ends_at);
    let newest = of_kind.next()?;
    let third = of_kind.nth(MAX_STRIKES - 2)?;
    (newest.seconds_since(third) < STRIKE_WINDOW_SECONDS).then_some(newest)
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
fn budget(sent: &[Sent], now: Timestamp) -> Option<Timestamp> {
    let counted = || sent.iter().filter(|one| one.outcome != ChallengeOutcome::Approved && one.at <= now);
    MAX_UNAPPROVED_PER_WINDOW
        .into_iter()
        .filter_map(|(most, window)| Some(counted().nth(most - 1)?.at.plus_seconds(window)))
        .max()
}

/// The first expiry among too many open challenges of other sign-ins; one of the same sign-in is superseded
/// instead.
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
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn journey(last: &str) -> Option<JourneyId> {
        format!("jrn_AAAAAAAAAAAAAAAAAAAAA{last}").parse().ok()
    }

    /// A challenge of another sign-in that was sent `ago` seconds ago and decided at once.
    fn sent(ago: i64, outcome: ChallengeOutcome) -> Sent {
        let at = NOW.plus_seconds(-ago);
        Sent { journey: journey("A"), at, ends_at: at, outcome }
    }

    fn ask(sent: &[Sent]) -> Result<(), (Limit, i64)> {
        let history = History { sent, signed_in_at: None, muted_until: None };
        may_ask(&history, journey("Q"), NOW).map_err(|wait| (wait.limit, wait.at.seconds_since(NOW)))
    }

    #[test]
    fn a_first_challenge_is_sent_and_a_resend_waits_ten_seconds() {
        assert_eq!(ask(&[]), Ok(()));
        let mine = |ago| Sent { journey: journey("Q"), ..sent(ago, ChallengeOutcome::Unanswered) };
        assert_eq!(ask(&[mine(9)]), Err((Limit::Resend, 1)));
        assert_eq!(ask(&[mine(10)]), Ok(()));
        assert_eq!(
            ask(&[sent(1, ChallengeOutcome::Unanswered)]),
            Ok(()),
            "a challenge of another sign-in does not count"
        );
    }

    #[test]
    fn five_in_five_minutes_and_fifteen_in_an_hour_are_allowed_and_approved_ones_do_not_count() {
        let every = |seconds: i64, times: i64, outcome| -> Vec<_> {
            (0..times).map(|n| sent(seconds * n + 50, outcome)).collect()
        };
        let signed_in = |sent: &[Sent]| {
            let history = History { sent, signed_in_at: Some(NOW.plus_seconds(-45)), muted_until: None };
            may_ask(&history, journey("Q"), NOW).map_err(|wait| (wait.limit, wait.at.seconds_since(NOW)))
        };
        assert_eq!(signed_in(&every(10, 4, ChallengeOutcome::Unanswered)), Ok(()));
        assert_eq!(signed_in(&every(10, 5, ChallengeOutcome::Unanswered)), Err((Limit::Budget, 210)));
        assert_eq!(signed_in(&every(10, 20, ChallengeOutcome::Approved)), Ok(()));
        assert_eq!(signed_in(&every(200, 14, ChallengeOutcome::Unanswered)), Ok(()));
        assert_eq!(signed_in(&every(200, 15, ChallengeOutcome::Unanswered)), Err((Limit::Budget, 750)));
    }

    #[test]
    fn the_pause_doubles_from_the_third_in_a_row_and_is_reset() {
        let row = |times: usize| vec![sent(5, ChallengeOutcome::Unanswered); times];
        let pause =
            |times| back_off(&History { sent: &row(times), signed_in_at: None, muted_until: None }, NOW);
        let pauses: Vec<_> = (1..=6).map(|n| pause(n).map(|at| at.seconds_since(NOW) + 5)).collect();
        assert_eq!(pauses, [None, None, Some(10), Some(20), Some(40), Some(80)]);
        assert_eq!(pause(60).map(|at| at.seconds_since(NOW)), Some(3595));
        let broken = [row(2), vec![sent(6, ChallengeOutcome::Approved)], row(2)].concat();
        assert_eq!(ask(&broken), Ok(()));
        let signed_in =
            History { sent: &row(3), signed_in_at: Some(NOW.plus_seconds(-4)), muted_until: None };
        assert_eq!(may_ask(&signed_in, journey("Q"), NOW), Ok(()));
        assert_eq!(ask(&[sent(FAILURE_WINDOW_SECONDS, ChallengeOutcome::Unanswered); 9]), Ok(()));
    }

    #[test]
    fn three_wrong_numbers_pause_push_and_three_denials_mute_it() {
        let three = |outcome, apart: i64| {
            [sent(300, outcome), sent(300 + apart, outcome), sent(300 + 2 * apart, outcome)]
        };
        assert_eq!(ask(&three(ChallengeOutcome::Mismatched, 400)), Err((Limit::Mismatches, 600)));
        assert_eq!(ask(&three(ChallengeOutcome::Mismatched, 450)), Ok(()), "they lie too far apart");
        let denied = three(ChallengeOutcome::Denied, 400);
        let denied = History { sent: &denied, signed_in_at: None, muted_until: None };
        assert_eq!(silent_until(&denied, NOW), Some(NOW.plus_seconds(900)));
        assert_eq!(mute_after_denial(&three(ChallengeOutcome::Denied, 400)), Some(NOW.plus_seconds(900)));
        assert_eq!(
            mute_after_denial(&[sent(1, ChallengeOutcome::Denied), sent(2, ChallengeOutcome::Denied)]),
            None
        );
    }

    #[test]
    fn at_most_two_challenges_are_open_and_a_mute_lasts_until_its_end() {
        let open = |ago| Sent { ends_at: NOW.plus_seconds(90 - ago), ..sent(ago, ChallengeOutcome::Open) };
        assert_eq!(ask(&[open(20)]), Ok(()));
        assert_eq!(ask(&[open(20), open(40)]), Err((Limit::Open, 50)));
        let muted = History { sent: &[], signed_in_at: None, muted_until: Some(NOW.plus_seconds(7)) };
        assert_eq!(may_ask(&muted, journey("Q"), NOW), Ok(()), "a muted phone may be challenged");
        assert_eq!(silent_until(&muted, NOW), Some(NOW.plus_seconds(7)));
        assert_eq!(silent_until(&muted, NOW.plus_seconds(7)), None);
        let silent = History { sent: &[open(20), open(40)], ..muted };
        assert_eq!(may_ask(&silent, journey("Q"), NOW).map_err(|wait| wait.limit), Err(Limit::Open));
    }
}
