//! Of simultaneous guesses as many are tried as the limit allows: one-time codes, tickets, invitations. Passwords and
//! client secrets are in `fair_limits`, confirmation codes in `confirmation_codes`.

use crate::support::{
    audit_log::details_of,
    browser::Browser,
    page::Page,
    push_fixture::PushFixture,
    seed::PASSWORD,
    sign_in::{Answer, code_of, give_code, give_password, request, to_code},
    test_app::TestApp,
};
use countersign::{actions::people, clock::Clock};
use futures_util::future::join_all;
use http::StatusCode;
use std::sync::Arc;
use tokio::sync::Barrier;

const AT_ONCE: usize = 20;

/// A browser at a page, and what it sends there.
type Guess = (Browser, crate::support::form::Submission);

/// Sends all guesses at one instant.
async fn send_at_once(guesses: Vec<Guess>) -> Vec<Page> {
    let barrier = Arc::new(Barrier::new(guesses.len()));
    let sent = guesses.into_iter().map(|(mut browser, form)| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            browser.send(form).await
        })
    });
    join_all(sent).await.into_iter().map(|page| page.expect("a page")).collect()
}

async fn at_code(test_app: &TestApp) -> (Browser, Page) {
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, "tom", PASSWORD).await;
    let page = to_code(&mut browser, &page).await;
    (browser, page)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_simultaneous_codes_five_are_tried_and_then_the_right_one_is_refused() {
    let test_app = TestApp::new().await;
    let right = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    let mut guesses = Vec::new();
    for number in (0..).map(|number| format!("{number:06}")).filter(|code| *code != right).take(AT_ONCE) {
        let (browser, page) = at_code(&test_app).await;
        guesses.push((browser, page.form("code").fill("code", &number).submit()));
    }
    send_at_once(guesses).await;
    let tom = test_app.seed.tom;
    assert_eq!(details_of(&test_app.app, tom, "totp.wrong").await.len(), 5);
    assert_eq!(details_of(&test_app.app, tom, "totp.blocked").await.len(), AT_ONCE - 5);
    let (mut browser, page) = at_code(&test_app).await;
    let refused = give_code(&mut browser, &page, &right).await;
    assert!(Answer::seek(&refused).is_none(), "{}", refused.summary());
    test_app.clock.advance(15 * 60);
    let (mut browser, page) = at_code(&test_app).await;
    let right = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    Answer::of(&give_code(&mut browser, &page, &right).await).code();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_simultaneous_tickets_five_are_tried_and_then_the_right_one_is_refused() {
    let mut fixture = PushFixture::with_phone().await;
    let (app, alice) = (fixture.test_app.app.clone(), fixture.test_app.seed.alice);
    let context = app.command_context().await.expect("a tenant");
    let ticket =
        people::reset_factors(&app, &context, alice).await.expect("a reset").ticket.expect("a ticket");
    let mut guesses = Vec::new();
    for number in 0..AT_ONCE {
        let mut browser = fixture.test_app.browser();
        let page = fixture.sign_in_with(&mut browser, &fixture.app.ask().await).await;
        let wrong = format!("00000-{number:05}");
        assert_ne!(wrong, ticket.code);
        guesses.push((browser, page.form("ticket").fill("ticket", &wrong).press("Continue")));
    }
    send_at_once(guesses).await;
    assert_eq!(details_of(&app, alice, "ticket.wrong").await.len(), 5);
    assert_eq!(details_of(&app, alice, "ticket.blocked").await.len(), AT_ONCE - 5);
    for (seconds, is_taken) in [(0, false), (15 * 60, true)] {
        fixture.test_app.clock.advance(seconds);
        fixture.browser = fixture.test_app.browser();
        let ask = fixture.app.ask().await;
        let page = fixture.sign_in(&ask).await;
        let form = page.form("ticket").fill("ticket", &ticket.code).press("Continue");
        let page = fixture.browser.send(form).await;
        let is_offered = page.attribute("#enroll-link", "href").is_some();
        assert_eq!(is_offered, is_taken, "{}", page.summary());
    }
}

/// A token has 256 bits; what is limited is the work of trying.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_simultaneous_invitations_five_are_tried() {
    let test_app = TestApp::configured(|config| config.limits.anonymous_writes_per_source = 5).await;
    let mut guesses = Vec::new();
    for number in 0..AT_ONCE {
        let mut browser = test_app.browser();
        let page = browser.go("/signin").await;
        let mut form = page.form("username").submit();
        form.action.set_path("/signin/invitation");
        form.fields.retain(|(name, _)| name == "csrf");
        form.fields.push(("token".to_owned(), format!("{number:043}")));
        guesses.push((browser, form));
    }
    let pages = send_at_once(guesses).await;
    let tried = pages.iter().filter(|page| page.status == StatusCode::GONE).count();
    let refused = pages.iter().filter(|page| page.status == StatusCode::TOO_MANY_REQUESTS).count();
    let seen: Vec<_> = pages.iter().map(Page::summary).collect();
    assert_eq!((tried, refused), (5, AT_ONCE - 5), "{seen:?}");
}
