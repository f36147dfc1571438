//! The password step: no response reveals whether an account exists, and wrong passwords are rate limited
//! (NIST SP 800-63B-4 §3.2.2, ASVS 6.3).

use crate::support::{
    browser::Browser,
    page::Page,
    seed::PASSWORD,
    sign_in::{Answer, give_password, request, sign_in},
    test_app::{HOME, TestApp},
};
use ::entity::ids::PersonId;
use countersign::{
    clock::Clock,
    factors::password::{HashParameters, Hasher, hash_password},
    storage::{attempts, people},
};
use http::StatusCode;
use std::sync::Arc;
use tokio::sync::Barrier;

/// Everything that an attacker sees of a page, without the values that are random in every response.
fn seen(page: &Page, name: &str) -> String {
    let mut text = page.text.replace(name, "NAME");
    for field in ["csrf", "r", "j"] {
        if let Some(value) = page.attribute(&format!("input[name={field}]"), "value") {
            text = text.replace(&value, &format!("{field} of {}", value.len()));
        }
    }
    let headers: Vec<_> = page
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id" && *name != "set-cookie")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    let cookies = page.headers.get_all("set-cookie").iter().count();
    format!("{} {} {cookies} cookies\n{}\n{text}", page.status, page.url.path(), headers.join("\n"))
}

async fn guess(browser: &mut Browser, page: &Page, password: &str) -> Page {
    browser.send(page.form("password").fill("password", password).submit()).await
}

async fn at_password(test_app: &TestApp, address: &str, username: &str) -> (Browser, Page) {
    let mut browser = Browser::new(test_app.http_client_from(address), HOME);
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", username).submit()).await;
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    (browser, page)
}

async fn failures(test_app: &TestApp, person: PersonId) -> u32 {
    let found = attempts::find(&test_app.app.storage, &format!("password:{person}")).await.unwrap();
    found.map_or(0, |record| record.failures)
}

#[tokio::test]
async fn an_unknown_name_is_answered_like_a_known_one() {
    let test_app = TestApp::new().await;
    let tx = test_app.app.storage.begin().await.unwrap();
    people::save_disabled(&tx, test_app.seed.gus, Some(test_app.clock.now())).await.unwrap();
    tx.commit().await.unwrap();
    let mut stories = Vec::new();
    for (source, name) in
        [("192.0.2.1", "grace"), ("192.0.3.1", "nobody"), ("192.0.4.1", "gus"), ("192.0.5.1", "tom")]
    {
        let mut browser = Browser::new(test_app.http_client_from(source), HOME);
        let page = browser.go(&request("quiet_app", &[])).await;
        let mut story = vec![seen(&page, name)];
        let mut page = browser.send(page.form("username").fill("username", name).submit()).await;
        story.push(seen(&page, name));
        for _ in 0..7 {
            page = guess(&mut browser, &page, "wrong").await;
            story.push(seen(&page, name));
        }
        page = guess(&mut browser, &page, PASSWORD).await;
        story.push(seen(&page, name));
        stories.push(story);
    }
    for other in &stories[1..] {
        assert_eq!(&stories[0], other);
    }
    assert!(stories[0].last().unwrap().contains("Too many wrong passwords"), "{:?}", stories[0].last());
}

#[tokio::test]
async fn name_and_password_in_one_form_do_not_reveal_whether_the_name_exists() {
    let test_app = TestApp::new().await;
    let mut answers = Vec::new();
    for name in ["grace", "nobody"] {
        let mut browser = test_app.browser();
        let page = browser.go(&request("quiet_app", &[])).await;
        let form = page.form("username").fill("username", name).forge("password", "wrong");
        answers.push(seen(&browser.send(form.submit()).await, name));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn every_failure_is_counted_and_a_success_resets_the_count() {
    let test_app = TestApp::new().await;
    let (mut browser, page) = at_password(&test_app, "192.0.2.1", "grace").await;
    for count in 1..=3 {
        guess(&mut browser, &page, "wrong").await;
        assert_eq!(failures(&test_app, test_app.seed.grace).await, count);
    }
    Answer::of(&guess(&mut browser, &page, PASSWORD).await).code();
    assert_eq!(failures(&test_app, test_app.seed.grace).await, 0, "a success resets the count");
}

#[tokio::test]
async fn a_sign_in_to_another_account_does_not_reset_the_count() {
    let test_app = TestApp::new().await;
    let (mut browser, page) = at_password(&test_app, "192.0.2.1", "grace").await;
    for count in 1..=5 {
        guess(&mut browser, &page, "wrong").await;
        sign_in(&mut test_app.browser(), "gus").await;
        assert_eq!(failures(&test_app, test_app.seed.grace).await, count);
    }
    let page = guess(&mut browser, &page, PASSWORD).await;
    assert!(page.text.contains("Too many wrong passwords"), "{}", page.summary());
    test_app.clock.advance(1);
    Answer::of(&guess(&mut browser, &page, PASSWORD).await).code();
}

#[tokio::test]
async fn one_source_is_blocked_first_and_then_all_unknown_browsers() {
    let test_app = TestApp::new().await;
    let mut known = Browser::new(test_app.http_client_from("203.0.113.9"), HOME);
    sign_in(&mut known, "grace").await;
    for source in ["192.0.2.1", "198.51.100.1"] {
        let (mut browser, page) = at_password(&test_app, source, "grace").await;
        for _ in 0..5 {
            guess(&mut browser, &page, "wrong").await;
        }
    }
    let (mut elsewhere, page) = at_password(&test_app, "203.0.113.200", "grace").await;
    let page = guess(&mut elsewhere, &page, PASSWORD).await;
    assert!(page.text.contains("Too many wrong passwords"), "{}", page.summary());
    let page = known.go(&request("quiet_app", &[("prompt", "login")])).await;
    Answer::of(&give_password(&mut known, &page, "grace", PASSWORD).await).code();
    known.cookies.forget("countersign_session");
    sign_in(&mut known, "grace").await.code();
    test_app.clock.advance(60);
    let (mut elsewhere, page) = at_password(&test_app, "203.0.113.200", "grace").await;
    Answer::of(&guess(&mut elsewhere, &page, PASSWORD).await).code();
}

#[tokio::test]
async fn a_browser_that_another_person_has_used_is_unknown() {
    let test_app = TestApp::new().await;
    let (mut of_gus, mut of_grace) = (test_app.browser(), test_app.browser());
    sign_in(&mut of_gus, "gus").await;
    sign_in(&mut of_grace, "grace").await;
    for source in ["192.0.2.1", "198.51.100.1"] {
        let (mut browser, page) = at_password(&test_app, source, "grace").await;
        for _ in 0..5 {
            guess(&mut browser, &page, "wrong").await;
        }
    }
    test_app.clock.advance(1);
    for (browser, is_known) in [(&mut of_gus, false), (&mut of_grace, true)] {
        browser.move_to(test_app.http_client_from("203.0.113.9"));
        browser.cookies.forget("countersign_session");
        let page = browser.go(&request("quiet_app", &[])).await;
        let page = give_password(browser, &page, "grace", PASSWORD).await;
        assert_eq!(Answer::seek(&page).is_some(), is_known, "{}", page.summary());
        assert_eq!(page.text.contains("Too many wrong passwords"), !is_known, "{}", page.summary());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_guesses_count_like_consecutive_ones() {
    let test_app = TestApp::new().await;
    let barrier = Arc::new(Barrier::new(16));
    let mut guesses = Vec::new();
    for index in 0..16 {
        let (mut browser, page) = at_password(&test_app, "192.0.2.1", "grace").await;
        let barrier = barrier.clone();
        guesses.push(tokio::spawn(async move {
            barrier.wait().await;
            guess(&mut browser, &page, &format!("wrong {index}")).await
        }));
    }
    for page in guesses {
        assert!(Answer::seek(&page.await.unwrap()).is_none());
    }
    assert_eq!(failures(&test_app, test_app.seed.grace).await, 5, "attempts during the block do not count");
}

#[tokio::test]
async fn a_source_that_guesses_many_names_is_rate_limited() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    for index in 0..100 {
        let page = browser.go(&request("quiet_app", &[])).await;
        let name = format!("somebody{index}");
        let page =
            browser.send(page.form("username").fill("username", &name).forge("password", "x").submit()).await;
        assert_eq!(page.status, StatusCode::OK, "{index}: {}", page.summary());
    }
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.summary());
    assert_eq!(page.header("retry-after"), "600");
    sign_in(&mut Browser::new(test_app.http_client_from("198.51.100.1"), HOME), "grace").await.code();
    test_app.clock.advance(600);
    sign_in(&mut browser, "grace").await.code();
}

#[tokio::test]
async fn a_blocked_attempt_still_counts_for_its_source() {
    let test_app = TestApp::new().await;
    let (mut browser, page) = at_password(&test_app, "192.0.2.1", "grace").await;
    for index in 0..100 {
        let answer = guess(&mut browser, &page, "wrong").await;
        assert_eq!(answer.status, StatusCode::OK, "{index}: {}", answer.summary());
    }
    assert_eq!(
        failures(&test_app, test_app.seed.grace).await,
        5,
        "the account is blocked no longer than before"
    );
    let page = guess(&mut browser, &page, "wrong").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.summary());
}

#[tokio::test]
async fn a_password_is_compared_as_a_whole_and_with_case() {
    let test_app = TestApp::new().await;
    let long = "p".repeat(72);
    let (tail, other_tail, longest) = (format!("{long}x"), format!("{long}y"), "\u{1F511}".repeat(128));
    let emoji = " pass \u{1F600} word ";
    for (right, wrong) in [
        (tail.as_str(), vec![other_tail.as_str(), long.as_str(), ""]),
        (emoji, vec![emoji.trim(), "pass", "PASS \u{1F600} WORD"]),
        ("null\0byte-in-it", vec!["null", "null\0", "nullbyte-in-it"]),
        (longest.as_str(), vec![&longest[..longest.len() - 4]]),
    ] {
        set_password(&test_app, right).await;
        let (mut browser, page) = at_password(&test_app, "192.0.2.1", "grace").await;
        for password in wrong {
            assert!(Answer::seek(&guess(&mut browser, &page, password).await).is_none(), "{password:?}");
        }
        let far_too_long = guess(&mut browser, &page, &"x".repeat(10_000)).await;
        assert!(Answer::seek(&far_too_long).is_none());
        Answer::of(&guess(&mut browser, &page, right).await).code();
    }
}

async fn set_password(test_app: &TestApp, password: &str) {
    let hash =
        hash_password(password, test_app.app.entropy.as_ref(), &mut Hasher::new(HashParameters::MIN_COST))
            .unwrap();
    let tx = test_app.app.storage.begin().await.unwrap();
    people::save_password(&tx, test_app.seed.grace, &hash, test_app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_unusable_stored_hash_refuses_every_password() {
    let test_app = TestApp::new().await;
    for hash in
        ["", "plain", "$argon2id$v=19$m=4194304,t=100,p=16$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$2y$10$x"]
    {
        let tx = test_app.app.storage.begin().await.unwrap();
        people::save_password(&tx, test_app.seed.grace, hash, test_app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        test_app.clock.advance(24 * 3600);
        let (mut browser, page) = at_password(&test_app, "192.0.2.1", "grace").await;
        let page = guess(&mut browser, &page, PASSWORD).await;
        assert!(page.text.contains("do not match"), "{hash:?}: {}", page.summary());
    }
}

#[tokio::test]
async fn a_name_is_matched_without_case_and_a_malformed_name_is_refused() {
    let test_app = TestApp::new().await;
    for name in ["GRACE", "  grace\t".trim_end_matches('\t'), "Grace"] {
        let page = {
            let mut browser = test_app.browser();
            let page = browser.go(&request("quiet_app", &[])).await;
            give_password(&mut browser, &page, name, PASSWORD).await
        };
        Answer::of(&page).code();
    }
    let long = "a".repeat(257);
    let markup = "<script>alert(1)</script>";
    for (name, path) in [
        ("", "/signin/identifier"),
        ("gra\0ce", "/signin/identifier"),
        (long.as_str(), "/signin/identifier"),
        (markup, "/signin/password"),
        ("\u{202e}ecarg\u{1F600}", "/signin/password"),
    ] {
        let mut browser = test_app.browser();
        let page = browser.go(&request("quiet_app", &[])).await;
        let page = browser.send(page.form("username").forge("username", name).submit()).await;
        assert_eq!((page.status, page.url.path()), (StatusCode::OK, path), "{name:?}");
        assert!(!page.text.contains("<script>alert"));
    }
}

#[tokio::test]
async fn a_name_is_normalized_before_lookup() {
    let test_app = TestApp::new().await;
    for (name, is_theirs) in [(" Grace ", true), ("\u{ff27}race", true), ("gr\u{e4}ce", false)] {
        let mut browser = test_app.browser();
        let page = browser.go(&request("quiet_app", &[])).await;
        let page = give_password(&mut browser, &page, name, PASSWORD).await;
        assert_eq!(page.departure.is_some(), is_theirs, "{name}: {}", page.summary());
    }
}
