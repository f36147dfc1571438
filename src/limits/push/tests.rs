use super::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn journey(last: &str) -> Option<JourneyId> {
    format!("jrn_AAAAAAAAAAAAAAAAAAAAA{last}").parse().ok()
}

/// A challenge of another sign-in that was sent `ago` seconds ago and decided at once.
fn sent(ago: i64, outcome: ChallengeOutcome) -> Sent {
    let at = NOW.plus_seconds(-ago);
    Sent { journey: journey("A"), at, ends_at: at, outcome, is_from_known_browser: false }
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
    let pause = |times| back_off(&History { sent: &row(times), signed_in_at: None, muted_until: None }, NOW);
    let pauses: Vec<_> = (1..=6).map(|n| pause(n).map(|at| at.seconds_since(NOW) + 5)).collect();
    assert_eq!(pauses, [None, None, Some(10), Some(20), Some(40), Some(80)]);
    assert_eq!(pause(60).map(|at| at.seconds_since(NOW)), Some(3595));
    let broken = [row(2), vec![sent(6, ChallengeOutcome::Approved)], row(2)].concat();
    assert_eq!(ask(&broken), Ok(()));
    let signed_in = History { sent: &row(3), signed_in_at: Some(NOW.plus_seconds(-4)), muted_until: None };
    assert_eq!(may_ask(&signed_in, journey("Q"), NOW), Ok(()));
    assert_eq!(ask(&[sent(FAILURE_WINDOW_SECONDS, ChallengeOutcome::Unanswered); 9]), Ok(()));
}

#[test]
fn a_strangers_challenges_do_not_count_against_a_known_browser_and_its_own_do() {
    let strangers = vec![sent(5, ChallengeOutcome::Unanswered); 15];
    let own: Vec<Sent> = strangers.iter().map(|one| Sent { is_from_known_browser: true, ..*one }).collect();
    let ask_reserved = |sent: &[Sent]| ask(&reserved(sent, journey("Q").unwrap()));
    assert!(ask(&strangers).is_err());
    assert_eq!(ask_reserved(&strangers), Ok(()));
    assert!(ask_reserved(&own).is_err());
    let resent = [Sent { journey: journey("Q"), ..sent(9, ChallengeOutcome::Unanswered) }];
    assert_eq!(ask_reserved(&resent), Err((Limit::Resend, 1)));
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
