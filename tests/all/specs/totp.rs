//! RFC 6238 §5.2: a code is accepted once, for one person, within one step of skew; wrong codes are rate
//! limited.

use crate::support::{
    browser::Browser,
    page::Page,
    seed::PASSWORD,
    sign_in::{Answer, code_of, enroll_generator, give_code, give_password, request, to_code},
    test_app::TestApp,
};
use countersign::{
    clock::Clock,
    storage::{attempts, authenticators},
};
use std::sync::Arc;
use tokio::sync::Barrier;

/// Brings Tom to the page that asks for a code.
async fn at_code(test_app: &TestApp) -> (Browser, Page) {
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, "tom", PASSWORD).await;
    let page = to_code(&mut browser, &page).await;
    assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
    (browser, page)
}

fn code(test_app: &TestApp, away: i64) -> String {
    code_of(&test_app.seed.tom_seed, test_app.clock.now().plus_seconds(away))
}

async fn failures(test_app: &TestApp) -> u32 {
    let found = attempts::find(&test_app.app.storage, &format!("totp:{}", test_app.seed.tom)).await.unwrap();
    found.map_or(0, |record| record.failures)
}

#[tokio::test]
async fn a_code_is_accepted_once_and_an_earlier_one_never_after_it() {
    let test_app = TestApp::new().await;
    let (mut browser, page) = at_code(&test_app).await;
    let spaced = {
        let code = code(&test_app, 0);
        format!(" {} {} ", &code[..3], &code[3..])
    };
    Answer::of(&give_code(&mut browser, &page, &spaced).await).code();
    for away in [0, -30] {
        let (mut browser, page) = at_code(&test_app).await;
        let page = give_code(&mut browser, &page, &code(&test_app, away)).await;
        assert!(page.text.contains("used already"), "{}", page.summary());
    }
    let (mut browser, page) = at_code(&test_app).await;
    Answer::of(&give_code(&mut browser, &page, &code(&test_app, 30)).await).code();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_one_of_fifty_simultaneous_uses_succeeds() {
    let test_app = TestApp::new().await;
    let barrier = Arc::new(Barrier::new(50));
    let code = code(&test_app, 0);
    let mut uses = Vec::new();
    for _ in 0..50 {
        let (mut browser, page) = at_code(&test_app).await;
        let (barrier, code) = (barrier.clone(), code.clone());
        uses.push(tokio::spawn(async move {
            barrier.wait().await;
            Answer::seek(&give_code(&mut browser, &page, &code).await).is_some()
        }));
    }
    let mut through = 0;
    for each in uses {
        through += usize::from(each.await.unwrap());
    }
    assert_eq!(through, 1);
}

#[tokio::test]
async fn a_malformed_code_is_explained_and_not_counted() {
    let test_app = TestApp::new().await;
    let (mut browser, page) = at_code(&test_app).await;
    let wide: String =
        code(&test_app, 0).chars().map(|digit| char::from_u32(digit as u32 + 0xFEE0).unwrap()).collect();
    let long = "1".repeat(60_000);
    for text in ["", "12345", "1234567", "abcdef", wide.as_str(), long.as_str(), "12-345"] {
        let page = browser.send(page.form("code").forge("code", text).submit()).await;
        assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
        assert!(page.text.contains("six digits"), "{}", page.summary());
    }
    assert_eq!(failures(&test_app).await, 0);
    Answer::of(&give_code(&mut browser, &page, &code(&test_app, 0)).await).code();
}

#[tokio::test]
async fn five_wrong_codes_block_the_right_one_for_fifteen_minutes() {
    let test_app = TestApp::new().await;
    let (mut browser, page) = at_code(&test_app).await;
    let wrong = if code(&test_app, 0) == "000000" { "000001" } else { "000000" };
    for count in 1..=5 {
        give_code(&mut browser, &page, wrong).await;
        assert_eq!(failures(&test_app).await, count);
    }
    let page = give_code(&mut browser, &page, &code(&test_app, 0)).await;
    assert!(page.text.contains("Too many wrong codes"), "{}", page.summary());
    // A new sign-in in another browser is blocked as well.
    let (mut browser, page) = at_code(&test_app).await;
    let page = give_code(&mut browser, &page, &code(&test_app, 0)).await;
    assert!(page.text.contains("Too many wrong codes"), "{}", page.summary());
    test_app.clock.advance(15 * 60);
    let (mut browser, page) = at_code(&test_app).await;
    Answer::of(&give_code(&mut browser, &page, &code(&test_app, 0)).await).code();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_wrong_codes_count_as_five_attempts() {
    let test_app = TestApp::new().await;
    let right: Vec<_> = (-10..=10).map(|step| code(&test_app, step * 30)).collect();
    let wrong: Vec<_> =
        (0..60).map(|n| format!("{n:06}")).filter(|code| !right.contains(code)).take(30).collect();
    let barrier = Arc::new(Barrier::new(wrong.len()));
    let mut guesses = Vec::new();
    for code in wrong {
        let (mut browser, page) = at_code(&test_app).await;
        let barrier = barrier.clone();
        guesses.push(tokio::spawn(async move {
            barrier.wait().await;
            give_code(&mut browser, &page, &code).await
        }));
    }
    for guess in guesses {
        assert!(Answer::seek(&guess.await.unwrap()).is_none());
    }
    assert_eq!(failures(&test_app).await, 5);
}

#[tokio::test]
async fn a_generator_works_only_for_its_person_and_only_while_it_is_active() {
    let test_app = TestApp::new().await;
    enroll_generator(&test_app, test_app.seed.grace).await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[("acr_values", "2fa")])).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let page = to_code(&mut browser, &page).await;
    let page = give_code(&mut browser, &page, &code(&test_app, 0)).await;
    assert!(page.text.contains("not right"), "another person's code: {}", page.summary());

    let (mut browser, page) = at_code(&test_app).await;
    let tx = test_app.app.storage.begin().await.unwrap();
    assert!(authenticators::revoke(&tx, test_app.seed.tom_generator, test_app.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    let page = give_code(&mut browser, &page, &code(&test_app, 0)).await;
    assert!(Answer::seek(&page).is_none(), "a revoked generator: {}", page.summary());
}

#[tokio::test]
async fn a_code_of_a_suspended_generator_is_not_taken_even_when_it_was_verified_before() {
    let test_app = TestApp::new().await;
    let generator = test_app.seed.tom_generator;
    let take = async |step| {
        let tx = test_app.app.storage.begin().await.unwrap();
        let receipt =
            authenticators::take_totp_step(&tx, generator, step, test_app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        receipt.is_some()
    };
    assert!(take(1).await);
    let tx = test_app.app.storage.begin().await.unwrap();
    assert!(authenticators::suspend(&tx, generator).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!take(2).await);
}

#[tokio::test]
async fn a_sealed_seed_moved_to_another_row_is_not_accepted() {
    let test_app = TestApp::new().await;
    let tx = test_app.app.storage.begin().await.unwrap();
    let toms = authenticators::find(&tx, test_app.seed.tom_generator).await.unwrap().unwrap();
    let id = ::entity::ids::AuthenticatorId(test_app.app.entropy.id(test_app.clock.now()));
    let moved = authenticators::NewGenerator {
        id,
        workspace_id: test_app.seed.workspace,
        person_id: test_app.seed.grace,
        totp_seed: toms.totp_seed().expect("a seed").to_vec(),
        created_at: toms.created_at(),
    };
    authenticators::insert_generator(&tx, moved).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[("acr_values", "2fa")])).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let page = to_code(&mut browser, &page).await;
    let page = give_code(&mut browser, &page, &code(&test_app, 0)).await;
    assert!(page.text.contains("not right"), "{}", page.summary());
    let (mut browser, page) = at_code(&test_app).await;
    Answer::of(&give_code(&mut browser, &page, &code(&test_app, 0)).await).code();
}
