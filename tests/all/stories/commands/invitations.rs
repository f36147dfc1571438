//! An invited person sets the first password by a link, once.

use crate::support::{
    browser::Browser,
    command::Commands,
    page::Page,
    sign_in::{Answer, give_password, request},
    test_app::TestApp,
};
use countersign::actions::{ActionError, invitations, people::NewPerson};
use futures_util::future::join_all;
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Barrier;

const CHOSEN: &str = "seventeen quiet otters";

/// Invites Zoe to the guests, whose password alone opens applications.
fn invite(commands: &Commands) -> Value {
    commands.json(&["person", "invite", "zoe", "--name", "Zoe Quill", "--pool", "guests"])
}

fn link(invited: &Value) -> String {
    invited["url"].as_str().expect("a link").to_owned()
}

/// Presses the button behind the link.
async fn redeem(browser: &mut Browser, link: &str) -> Page {
    let page = browser.go(link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.summary());
    browser.send(page.form("token").press("Choose a password")).await
}

async fn choose(browser: &mut Browser, page: &Page, password: &str, again: &str) -> Page {
    let form = page.form("new_password").fill("new_password", password);
    browser.send(form.fill("new_password_again", again).submit()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invited_person_sets_a_password_by_the_link_once_and_signs_in_with_it() {
    let test_app = TestApp::new().await;
    let commands = Commands::at_the_same_time(&test_app);
    let invited = invite(&commands);
    let link = link(&invited);
    assert!(link.starts_with("http://localhost:8080/signin/invitation?token="), "{link}");
    let shown = commands.json(&["person", "show", "zoe", "--pool", "guests"]);
    assert!(shown["password_set_at"].is_null(), "{shown}");

    let mut browser = test_app.browser();
    for _ in 0..3 {
        // A preview of the link takes nothing.
        assert_eq!(test_app.browser().go(&link).await.status, StatusCode::OK);
    }
    let page = redeem(&mut browser, &link).await;
    for (password, again, part) in
        [("zoe quill at home", "zoe quill at home", "contains your name"), (CHOSEN, "other", "not the same")]
    {
        let refused = choose(&mut browser, &page, password, again).await;
        assert!(refused.text.contains(part), "{}", refused.summary());
        assert!(!refused.text.contains(password), "{}", refused.summary());
    }
    let mut stranger = test_app.browser();
    assert_eq!(stranger.go(&link).await.status, StatusCode::GONE, "it was redeemed");
    stranger.go(&request("quiet_app", &[])).await;
    let mut stolen = page.form("new_password").fill("new_password", CHOSEN);
    stolen = stolen.fill("new_password_again", CHOSEN);
    let stolen = stranger.send(stolen.submit()).await;
    assert_eq!(stolen.status, StatusCode::BAD_REQUEST, "another browser: {}", stolen.summary());

    let done = choose(&mut browser, &page, CHOSEN, CHOSEN).await;
    assert!(done.url.path().starts_with("/signin"), "{}", done.summary());
    let again = choose(&mut browser, &page, "eighteen quiet otters", "eighteen quiet otters").await;
    assert_eq!(again.status, StatusCode::GONE, "{}", again.summary());
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    Answer::of(&give_password(&mut browser, &page, "zoe", CHOSEN).await).code();
    let refused = commands.run(&["person", "invite", "zoe", "--pool", "guests"], "");
    assert_eq!(refused.code, Some(1));
    assert!(refused.errors.contains("has a person named zoe already"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_ends_after_three_days_with_the_next_one_and_with_a_password() {
    let test_app = TestApp::new().await;
    let commands = Commands::at_the_same_time(&test_app);
    let is_open = async |link: &str| test_app.browser().go(link).await.status == StatusCode::OK;
    let first = link(&invite(&commands));
    let second = link(&invite(&commands));
    assert!(!is_open(&first).await && is_open(&second).await);
    test_app.clock.advance(72 * 3600 - 60);
    assert!(is_open(&second).await);
    test_app.clock.advance(120);
    assert!(!is_open(&second).await);
    let context = test_app.app.command_context().await.expect("a tenant");
    let guests = countersign::actions::pools::find(&test_app.app, &context.tenant, "guests").await;
    let guests = guests.expect("an answer").expect("a pool");
    let new = NewPerson { username: "zoe", name: "", email: "", password: "" };
    let invited = invitations::invite(&test_app.app, &context, &guests, &new).await.expect("invited").1;
    let third = format!("/signin/invitation?token={}", invited.token);
    assert!(is_open(&third).await);
    let set = ["person", "set-password", "zoe", "--pool", "guests"];
    assert_eq!(commands.run(&set, "nineteen quiet otters").code, Some(0));
    assert!(!is_open(&third).await);
    assert!(!is_open("/signin/invitation?token=").await && !is_open("/signin/invitation").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redeemed_invitation_ends_with_a_disabled_person_and_with_the_next_invitation() {
    let test_app = TestApp::new().await;
    let commands = Commands::at_the_same_time(&test_app);
    let link = link(&invite(&commands));
    let mut browser = test_app.browser();
    let page = redeem(&mut browser, &link).await;
    commands.done(&["person", "disable", "zoe", "--pool", "guests", "--yes"]);
    let refused = choose(&mut browser, &page, CHOSEN, CHOSEN).await;
    assert_eq!(refused.status, StatusCode::GONE, "{}", refused.summary());
    commands.done(&["person", "enable", "zoe", "--pool", "guests"]);
    let refused = choose(&mut browser, &page, CHOSEN, CHOSEN).await;
    assert_eq!(refused.status, StatusCode::GONE, "{}", refused.summary());

    let first = redeem(&mut browser, &self::link(&invite(&commands))).await;
    let second = self::link(&invite(&commands));
    let refused = choose(&mut browser, &first, CHOSEN, CHOSEN).await;
    assert_eq!(refused.status, StatusCode::GONE, "{}", refused.summary());
    let second = redeem(&mut browser, &second).await;
    let done = choose(&mut browser, &second, CHOSEN, CHOSEN).await;
    assert!(done.url.path().starts_with("/signin"), "{}", done.summary());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_simultaneous_redemptions_of_an_invitation_one_wins() {
    let test_app = TestApp::new().await;
    let commands = Commands::at_the_same_time(&test_app);
    let link = link(&invite(&commands));
    let mut forms = Vec::new();
    for _ in 0..4 {
        let mut browser = test_app.browser();
        let page = browser.go(&link).await;
        forms.push((browser, page.form("token").press("Choose a password")));
    }
    let barrier = Arc::new(Barrier::new(forms.len()));
    let pages = join_all(forms.into_iter().map(|(mut browser, form)| {
        let barrier = barrier.clone();
        tokio::spawn(async move {
            barrier.wait().await;
            browser.send(form).await.status
        })
    }));
    let statuses: Vec<_> = pages.await.into_iter().map(|status| status.expect("a page")).collect();
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn only_the_host_invites() {
    let test_app = TestApp::new().await;
    let (app, seed) = (&test_app.app, &test_app.seed);
    let host = app.command_context().await.expect("a tenant");
    let pool = countersign::actions::pools::find(app, &host.tenant, "people").await;
    let pool = pool.expect("an answer").expect("a pool");
    let new = NewPerson { username: "zoe", name: "", email: "", password: "" };
    use countersign::audit::Actor;
    for actor in [Actor::Anonymous, Actor::Person(seed.alice), Actor::Client(seed.app), Actor::System] {
        let refused = invitations::invite(app, &host.by(actor), &pool, &new).await;
        assert!(matches!(refused, Err(ActionError::Forbidden)), "{actor:?}");
    }
    let invited = invitations::invite(app, &host, &pool, &new).await.expect("invited");
    assert_eq!(invited.1.ticket, None);
}
