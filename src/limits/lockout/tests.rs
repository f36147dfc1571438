use super::*;

const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn failed(rule: &BackoffPolicy, times: u32) -> FailureCount {
    (0..times).fold(None, |record, _| Some(rule.after_failure(record, START))).unwrap()
}

fn block(rule: &BackoffPolicy, times: u32) -> i64 {
    failed(rule, times).blocked_until.map_or(0, |until| until.seconds_since(START))
}

#[test]
fn the_delay_doubles_up_to_its_maximum_and_ends() {
    let delays: Vec<_> = (1..=10).map(|n| block(&PASSWORD_FROM_SOURCE, n)).collect();
    assert_eq!(delays, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32]);
    assert_eq!(block(&PASSWORD_FROM_SOURCE, 1000), 3600);
    let record = failed(&PASSWORD_FROM_SOURCE, 1000);
    assert!(record.check(START.plus_seconds(3599)).is_err());
    assert_eq!(record.check(START.plus_seconds(3600)), Ok(()));
}

#[test]
fn a_wider_network_is_blocked_after_that_many_times_the_failures() {
    for (factor, last_free) in [(1, 4), (4, 19), (16, 79)] {
        let policy = PASSWORD_FROM_SOURCE.times(factor);
        assert_eq!((block(&policy, last_free), block(&policy, last_free + 1)), (0, 1), "{factor}");
    }
    let counts =
        |failures| [failed(&PASSWORD_FROM_SOURCE, 4), failed(&PASSWORD_FROM_SOURCE.times(4), failures)];
    assert_eq!(may_try_password(counts(19), None, BrowserFamiliarity::Known, START), Ok(()));
    assert!(may_try_password(counts(20), None, BrowserFamiliarity::Known, START).is_err());
}

#[test]
fn after_ten_failures_only_known_browsers_may_try_until_the_delay_is_over() {
    let nine = Some(failed(&PASSWORD_FROM_EVERYWHERE, 9));
    let ten = Some(failed(&PASSWORD_FROM_EVERYWHERE, 10));
    assert_eq!(may_try_password(None, nine, BrowserFamiliarity::Unknown, START), Ok(()));
    assert_eq!(may_try_password(None, ten, BrowserFamiliarity::Unknown, START), Err(START.plus_seconds(60)));
    assert_eq!(may_try_password(None, ten, BrowserFamiliarity::Known, START), Ok(()));
    assert_eq!(may_try_password(None, ten, BrowserFamiliarity::Unknown, START.plus_seconds(60)), Ok(()));
}

#[test]
fn five_wrong_codes_lock_for_a_quarter_of_an_hour() {
    let four = Some(failed(&TOTP, 4));
    let five = Some(failed(&TOTP, 5));
    assert_eq!(may_try_totp(four, None, START), Ok(()));
    assert_eq!(may_try_totp(five, None, START), Err(START.plus_seconds(900)));
}

#[test]
fn a_success_clears_the_short_count_and_never_the_long_one() {
    let record = Some(failed(&TOTP, 5));
    assert_eq!(TOTP.after_success(record), None);
    assert_eq!(TOTP_LONG_TERM.after_success(record), record);
}

#[test]
fn ten_wrong_codes_an_hour_for_a_month_allow_fewer_than_a_hundred_tries() {
    let (mut recent, mut long_term, mut tries) = (None, None, 0);
    for hour in 0..24 * 30 {
        for attempt in 0..10 {
            let now = START.plus_seconds(hour * 3600 + attempt * 360);
            if may_try_totp(recent, long_term, now).is_ok() {
                tries += 1;
                recent = Some(TOTP.after_failure(recent, now));
                long_term = Some(TOTP_LONG_TERM.after_failure(long_term, now));
            }
        }
    }
    assert!((50..100).contains(&tries), "{tries} tries");
}

#[test]
fn the_count_starts_again_after_a_day_without_failures() {
    let before = Some(failed(&PASSWORD_FROM_SOURCE, 8));
    let day = START.plus_seconds(24 * 3600);
    assert_eq!(PASSWORD_FROM_SOURCE.after_failure(before, day).failures, 1);
    assert_eq!(PASSWORD_FROM_SOURCE.after_failure(before, day.plus_seconds(-1)).failures, 9);
}
