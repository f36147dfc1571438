//! Limits that are fair: no source and no stranger uses up what others need, and no proof is lost to a limit.

use crate::support::{
    browser::Browser,
    page::Page,
    phone::Claim,
    push_fixture::{PushFixture, sending, state},
    seed::PASSWORD,
    sign_in::{Answer, code_of, give_code, request, sign_in, to_code},
    test_app::{HOME, TestApp},
};
use ::entity::{audit_event, challenge, journey};
use countersign::{clock::Clock, config::Config, storage::Executor};
use http::{Request, StatusCode};
use hyper::body::Bytes;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::sync::Arc;
use tokio::sync::Barrier;

async fn limited(configure: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::configured(configure).await
}

/// A browser of this address that has typed a name.
async fn named(browser: &mut Browser, username: &str) -> Page {
    let page = browser.go(&request("quiet_app", &[])).await;
    browser.send(page.form("username").fill("username", username).submit()).await
}

/// The same with a password that is right.
async fn proved(browser: &mut Browser, username: &str) -> Page {
    let page = named(browser, username).await;
    let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    assert_ne!(page.url.path(), "/signin/password", "{}", page.summary());
    page
}

#[tokio::test]
async fn a_sign_in_with_a_proof_is_never_dropped_for_another_one() {
    let test_app = limited(|config| config.limits.journeys_per_source = 2).await;
    let (mut of_tom, mut of_gus) = (test_app.browser(), test_app.browser());
    let at_code = proved(&mut of_tom, "tom").await;
    let at_password = named(&mut of_gus, "gus").await;
    for _ in 0..3 {
        named(&mut test_app.browser(), "grace").await;
    }
    let gone = of_gus.send(at_password.form("password").fill("password", PASSWORD).submit()).await;
    assert_eq!(gone.status, StatusCode::BAD_REQUEST, "{}", gone.summary());
    let at_code = to_code(&mut of_tom, &at_code).await;
    let code = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    Answer::of(&give_code(&mut of_tom, &at_code, &code).await).code();
}

#[tokio::test]
async fn a_browser_gives_up_its_own_oldest_sign_in_before_another_browsers() {
    let test_app = limited(|config| config.limits.journeys_per_source = 2).await;
    let (mut other, mut own) = (test_app.browser(), test_app.browser());
    let of_other = named(&mut other, "gus").await;
    let first = named(&mut own, "grace").await;
    let second = named(&mut own, "grace").await;
    for (browser, page, expected) in
        [(&mut other, of_other, true), (&mut own.clone(), first, false), (&mut own, second, true)]
    {
        let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
        assert_eq!(Answer::seek(&page).is_some(), expected, "{}", page.summary());
    }
}

#[tokio::test]
async fn a_source_whose_sign_ins_all_have_a_proof_gets_no_further_one_and_finished_ones_do_not_count() {
    let test_app = limited(|config| config.limits.journeys_per_source = 2).await;
    let (mut first, mut second) = (test_app.browser(), test_app.browser());
    let at_code = proved(&mut first, "tom").await;
    proved(&mut second, "alice").await;
    let refused = named(&mut test_app.browser(), "grace").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.summary());
    assert_eq!(refused.header("retry-after"), "60");
    let kept = journey::Entity::find().count(test_app.app.storage.connection()).await.unwrap();
    assert_eq!(kept, 2, "the refused one is not stored");
    let mut elsewhere = Browser::new(test_app.http_client_from("192.0.2.99"), HOME);
    assert_eq!(named(&mut elsewhere, "grace").await.url.path(), "/signin/password");
    let at_code = to_code(&mut first, &at_code).await;
    let code = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    Answer::of(&give_code(&mut first, &at_code, &code).await).code();
    assert_eq!(named(&mut test_app.browser(), "grace").await.url.path(), "/signin/password");
}

#[tokio::test]
async fn a_source_without_proofs_has_a_budget_of_writes_and_a_proved_sign_in_goes_on() {
    let test_app = limited(|config| config.limits.anonymous_writes_per_source = 5).await;
    let mut of_tom = test_app.browser();
    let at_code = proved(&mut of_tom, "tom").await;
    for _ in 0..3 {
        assert_eq!(named(&mut test_app.browser(), "grace").await.url.path(), "/signin/password");
    }
    let refused = named(&mut test_app.browser(), "grace").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.summary());
    assert_eq!(refused.header("retry-after"), "60");
    let at_code = to_code(&mut of_tom, &at_code).await;
    let code = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    Answer::of(&give_code(&mut of_tom, &at_code, &code).await).code();
    let mut elsewhere = Browser::new(test_app.http_client_from("192.0.2.99"), HOME);
    assert_eq!(named(&mut elsewhere, "grace").await.url.path(), "/signin/password");
    test_app.clock.advance(60);
    assert_eq!(named(&mut test_app.browser(), "grace").await.url.path(), "/signin/password");
}

#[tokio::test]
async fn the_budget_of_writes_is_one_for_every_interface() {
    let test_app = limited(|config| config.limits.anonymous_writes_per_source = 1).await;
    let http_client = test_app.http_client_from("192.0.2.1");
    let token = async |client: &str| {
        let request = Request::builder()
            .method("POST")
            .uri(format!("{HOME}/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("grant_type=x&client_id={client}&client_secret=wrong")));
        http_client.send(request.unwrap()).await
    };
    assert_eq!(named(&mut test_app.browser(), "grace").await.url.path(), "/signin/password");
    let refused = token("app").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "60");
    test_app.clock.advance(60);
    assert_eq!(token("second_app").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(named(&mut test_app.browser(), "grace").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_phone_at_a_source_without_budget_is_told_to_wait() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let (source, now) = ("198.51.100.1/32".parse().unwrap(), fixture.test_app.clock.now());
    while fixture.test_app.app.anonymous_writes.take(source, now).is_ok() {}
    let refused = fixture.phone.claim(&Claim::scan(&link)).await.expect_err("no budget is left");
    assert_eq!((refused.status, refused.code.as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"));
    fixture.test_app.clock.advance(60);
    assert!(fixture.phone.claim(&Claim::scan(&link)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_simultaneous_passwords_as_many_are_tried_as_the_limit_allows() {
    let test_app = limited(|config| config.limits.wrong_answers_per_source = 5).await;
    let barrier = Arc::new(Barrier::new(20));
    let mut guesses = Vec::new();
    for index in 0..20 {
        let mut browser = test_app.browser();
        let page = named(&mut browser, &format!("somebody{index}")).await;
        let barrier = barrier.clone();
        guesses.push(tokio::spawn(async move {
            barrier.wait().await;
            browser.send(page.form("password").fill("password", "wrong").submit()).await.status
        }));
    }
    let mut tried = 0;
    for guess in guesses {
        match guess.await.expect("an answer") {
            StatusCode::OK => tried += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn right_passwords_use_up_no_limit_of_wrong_ones() {
    let test_app = limited(|config| config.limits.wrong_answers_per_source = 2).await;
    for _ in 0..5 {
        sign_in(&mut test_app.browser(), "grace").await.code();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_simultaneous_wrong_client_secrets_as_many_are_tried_as_the_limit_allows() {
    let test_app = TestApp::new().await;
    let barrier = Arc::new(Barrier::new(70));
    let attempts: Vec<_> = (0..70)
        .map(|_| {
            let (http_client, barrier) = (test_app.http_client_from("192.0.2.1"), barrier.clone());
            tokio::spawn(async move {
                let body = "grant_type=refresh_token&refresh_token=x&client_id=app&client_secret=wrong";
                let request = Request::builder()
                    .method("POST")
                    .uri(format!("{HOME}/token"))
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(Bytes::from(body));
                barrier.wait().await;
                http_client.send(request.unwrap()).await.status()
            })
        })
        .collect();
    let mut tried = 0;
    for attempt in attempts {
        match attempt.await.expect("an answer") {
            StatusCode::UNAUTHORIZED => tried += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    assert_eq!(tried, 50);
}

#[tokio::test]
async fn a_client_that_fails_again_and_again_is_one_event_an_hour() {
    let test_app = TestApp::new().await;
    let http_client = test_app.http_client_from("192.0.2.1");
    let fail = async |client: &str| {
        let body = format!("grant_type=refresh_token&refresh_token=x&client_id={client}&client_secret=wrong");
        let request = Request::builder()
            .method("POST")
            .uri(format!("{HOME}/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(body));
        assert_eq!(http_client.send(request.unwrap()).await.status(), StatusCode::UNAUTHORIZED);
    };
    let events = async || {
        let failures =
            audit_event::Entity::find().filter(audit_event::Column::Code.eq("client.authentication_failed"));
        failures.count(test_app.app.storage.connection()).await.expect("a count")
    };
    for _ in 0..10 {
        for client in ["app", "nobody"] {
            fail(client).await;
        }
    }
    assert_eq!(events().await, 2, "one of each");
    fail("second_app").await;
    assert_eq!(events().await, 3);
    test_app.clock.advance(3600);
    fail("app").await;
    assert_eq!(events().await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_simultaneous_long_polls_two_wait_and_give_their_places_back() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let status = page.attribute("#push-state", "data-status").expect("an address");
    let waiting = (fixture.browser.clone(), page.clone());
    let poll = |since: i64| {
        let (mut browser, page) = waiting.clone();
        let address = format!("{status}&since={since}&wait=25");
        tokio::spawn(async move { browser.fetch(&page, &address).await })
    };
    let polls: Vec<_> = (0..12).map(|_| poll(1)).collect();
    while polls.iter().filter(|poll| poll.is_finished()).count() < 10 {
        tokio::task::yield_now().await;
    }
    let known = poll(0).await.expect("an answer");
    assert_eq!(known.status.as_u16(), 200, "the current status needs no place: {}", known.text);
    let again = poll(2);
    fixture.look().await;
    let mut answers: Vec<u16> = Vec::new();
    for poll in polls {
        let answer = poll.await.expect("an answer");
        if answer.status.as_u16() == 503 {
            assert_eq!(answer.header("retry-after"), "5");
        }
        answers.push(answer.status.as_u16());
    }
    answers.sort_unstable();
    assert_eq!(answers, [[200; 2].as_slice(), &[503; 10]].concat());
    assert_eq!(again.await.expect("an answer").status.as_u16(), 503, "both places were taken");
    let polls = [poll(2), poll(2), poll(2)];
    while !polls.iter().any(tokio::task::JoinHandle::is_finished) {
        tokio::task::yield_now().await;
    }
    let still_waiting = polls.iter().filter(|poll| !poll.is_finished()).count();
    assert_eq!(still_waiting, 2, "the two places were free again, and are taken");
    for poll in polls {
        poll.abort();
    }
}

#[tokio::test]
async fn a_strangers_ignored_requests_do_not_refuse_those_of_a_known_browser() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    let mut known = fixture.browser.clone();
    known.cookies.forget("countersign_session");
    let challenges = async |fixture: &PushFixture| {
        challenge::Entity::find().count(fixture.test_app.app.storage.connection()).await.expect("a count")
    };
    // Somebody who knows the password asks again and again, and Alice ignores it.
    let mut stranger = Browser::new(fixture.test_app.http_client_from("203.0.113.66"), HOME);
    let mut page = fixture.sign_in_with(&mut stranger, &ask).await;
    for _ in 0..8 {
        fixture.test_app.clock.advance(31);
        page = stranger.send(sending(&page)).await;
    }
    let before = challenges(&fixture).await;
    stranger.send(sending(&page)).await;
    assert_eq!(challenges(&fixture).await, before, "the stranger is limited");
    let mut unknown = fixture.test_app.browser();
    let page = fixture.sign_in_with(&mut unknown, &ask).await;
    assert_eq!(challenges(&fixture).await, before, "an unknown browser as well: {}", page.summary());
    let page = fixture.sign_in_with(&mut known, &ask).await;
    assert_eq!((challenges(&fixture).await, state(&page).as_str()), (before + 1, "pending"));
    fixture.browser = known;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
}

#[tokio::test]
async fn a_known_browsers_own_ignored_requests_count() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    let mut known = fixture.browser.clone();
    known.cookies.forget("countersign_session");
    let mut page = fixture.sign_in_with(&mut known, &ask).await;
    for _ in 0..8 {
        fixture.test_app.clock.advance(11);
        page = known.send(sending(&page)).await;
    }
    let sent = challenge::Entity::find().count(fixture.test_app.app.storage.connection());
    assert!(sent.await.expect("a count") < 9, "{}", page.summary());
}
