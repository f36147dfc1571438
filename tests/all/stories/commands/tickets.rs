//! After a phone was taken away, the next one needs a ticket: a code of an operator.

use crate::support::{
    audit_log::AuditLog,
    command::Commands,
    page::Page,
    push_fixture::{PushFixture, assert_waiting},
    test_app::TestApp,
};
use countersign::{
    actions::{ActionError, people, tickets},
    storage::{
        authenticators::{self, Entitlement},
        enrollments,
    },
};
use futures_util::future::join_all;
use std::sync::Arc;
use tokio::sync::Barrier;

/// Whether the page asks for a ticket.
fn asks_for_ticket(page: &Page) -> bool {
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
    page.forms().iter().any(|form| form.has("ticket"))
}

fn error_of(page: &Page) -> String {
    page.text_of("error").unwrap_or_default()
}

/// Types a ticket into the enrollment page.
async fn give(fixture: &mut PushFixture, page: &Page, ticket: &str) -> Page {
    fixture.browser.send(page.form("ticket").fill("ticket", ticket).press("Continue")).await
}

/// Signs Alice in with her password, in a new browser, up to the enrollment page.
async fn to_enrollment(fixture: &mut PushFixture) -> Page {
    fixture.test_app.clock.advance(60);
    fixture.browser = fixture.test_app.browser();
    let ask = fixture.app.ask().await;
    fixture.sign_in(&ask).await
}

/// Resets Alice's factors, with the server's clock; returns the ticket.
async fn reset(test_app: &TestApp) -> String {
    let context = test_app.app.command_context().await.expect("a tenant");
    let reset = people::reset_factors(&test_app.app, &context, test_app.seed.alice).await.expect("a reset");
    reset.ticket.expect("a ticket").code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_with_the_password_adds_no_phone_after_a_reset_and_the_person_does_with_the_ticket() {
    let mut fixture = PushFixture::with_phone().await;
    let commands = Commands::beside(&fixture.test_app);
    let reset = commands.json(&["person", "reset-mfa", "alice", "--yes"]);
    let ticket = reset["ticket"].as_str().expect("a ticket").to_owned();
    assert!(reset["ticket_expires_at"].is_string() && reset["removed"] == 1, "{reset}");
    assert!(commands.json(&["person", "show", "alice"])["needs_ticket_since"].is_string());

    let page = to_enrollment(&mut fixture).await;
    assert!(asks_for_ticket(&page) && page.attribute("#enroll-link", "href").is_none(), "{}", page.summary());
    // The other forms of the page offer nothing either.
    let mut form = page.form("ticket").press("Continue");
    form.fields.retain(|(name, _)| name != "ticket");
    form.fields.push(("decision".to_owned(), "allow".to_owned()));
    let forced = fixture.browser.send(form).await;
    assert!(asks_for_ticket(&forced), "{}", forced.summary());
    for wrong in ["00000-00000", "nothing"] {
        let refused = give(&mut fixture, &page, wrong).await;
        assert!(asks_for_ticket(&refused) && !error_of(&refused).is_empty(), "{}", refused.summary());
    }

    fixture.phone = fixture.test_app.phone();
    let typed = ticket.to_lowercase().replace('-', " ");
    let page = give(&mut fixture, &page, &typed).await;
    assert!(!asks_for_ticket(&page), "{}", page.summary());
    let page = fixture.enroll(&page).await;
    assert_waiting(&page);
    fixture.approve(&page).await;
    assert!(commands.json(&["person", "show", "alice"])["needs_ticket_since"].is_null());
    let refused = commands.run(&["person", "ticket", "alice"], "");
    assert_eq!(refused.code, Some(1));
    assert!(refused.errors.contains("no ticket is needed"), "{refused:?}");
}

#[tokio::test]
async fn a_ticket_is_redeemed_once_and_in_the_sign_in_that_redeemed_it() {
    let mut fixture = PushFixture::with_phone().await;
    let ticket = reset(&fixture.test_app).await;
    let first = to_enrollment(&mut fixture).await;
    let mut first_browser = fixture.browser.clone();
    let second = to_enrollment(&mut fixture).await;
    let redeemed = first_browser.send(first.form("ticket").fill("ticket", &ticket).press("Continue")).await;
    assert!(!asks_for_ticket(&redeemed), "{}", redeemed.summary());
    let refused = give(&mut fixture, &second, &ticket).await;
    assert!(asks_for_ticket(&refused), "{}", refused.summary());
    assert!(error_of(&refused).contains("not right, or it was used"), "{}", refused.summary());
    // A page that is loaded again in the first sign-in still has its ticket.
    let again = first_browser.go(redeemed.url.as_str()).await;
    assert!(!asks_for_ticket(&again), "{}", again.summary());
}

#[tokio::test]
async fn a_ticket_ends_after_an_hour_and_with_the_next_one() {
    let mut fixture = PushFixture::with_phone().await;
    let first = reset(&fixture.test_app).await;
    let context = fixture.test_app.app.command_context().await.expect("a tenant");
    let (app, alice) = (fixture.test_app.app.clone(), fixture.test_app.seed.alice);
    let second = tickets::create_for(&app, &context, alice).await.expect("another ticket").code;
    let page = to_enrollment(&mut fixture).await;
    let refused = give(&mut fixture, &page, &first).await;
    assert!(asks_for_ticket(&refused), "the first one is void: {}", refused.summary());
    fixture.test_app.clock.advance(3600 - 60);
    let page = to_enrollment(&mut fixture).await;
    let refused = give(&mut fixture, &page, &second).await;
    assert!(asks_for_ticket(&refused), "an hour has passed: {}", refused.summary());
    let context = app.command_context().await.expect("a tenant");
    let third = tickets::create_for(&app, &context, alice).await.expect("another ticket").code;
    let page = give(&mut fixture, &refused, &third).await;
    assert!(!asks_for_ticket(&page), "{}", page.summary());
}

#[tokio::test]
async fn five_wrong_tickets_lock_for_a_quarter_of_an_hour_whether_there_is_one_or_not() {
    for has_ticket in [true, false] {
        let mut fixture = PushFixture::with_phone().await;
        let ticket = reset(&fixture.test_app).await;
        let app = fixture.test_app.app.clone();
        if !has_ticket {
            fixture.test_app.clock.advance(3600);
        }
        let mut page = to_enrollment(&mut fixture).await;
        let mut log = AuditLog::from_now(&app).await;
        let mut errors = Vec::new();
        for _ in 0..6 {
            page = give(&mut fixture, &page, "ZZZZZ-ZZZZZ").await;
            errors.push(error_of(&page));
        }
        assert!(errors[..4].iter().all(|error| error == &errors[0]), "{errors:?}");
        assert!(errors[4].contains("15 minutes") && errors[5].contains("Too many wrong codes"), "{errors:?}");
        if has_ticket {
            insta::assert_snapshot!(log.news(&app).await, @r#"
            ticket.blocked alice quiet_app sign-in#2 {"until":"+900 s"}
            ticket.wrong alice quiet_app sign-in#2
            ticket.wrong alice quiet_app sign-in#2
            ticket.wrong alice quiet_app sign-in#2
            ticket.wrong alice quiet_app sign-in#2
            ticket.wrong alice quiet_app sign-in#2
            "#);
            let page = give(&mut fixture, &page, &ticket).await;
            assert!(asks_for_ticket(&page), "the right one is refused, too: {}", page.summary());
            fixture.test_app.clock.advance(901);
            let page = to_enrollment(&mut fixture).await;
            let page = give(&mut fixture, &page, &ticket).await;
            assert!(!asks_for_ticket(&page), "{}", page.summary());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_phone_that_removes_itself_as_the_last_one_leaves_the_need_of_a_ticket() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.phone.ask(http::Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let page = to_enrollment(&mut fixture).await;
    assert!(asks_for_ticket(&page), "{}", page.summary());
    assert!(page.text.contains("help desk"), "{}", page.summary());
    let commands = Commands::beside(&fixture.test_app);
    let ticket =
        commands.json(&["person", "ticket", "alice"])["ticket"].as_str().expect("a ticket").to_owned();
    let page = give(&mut fixture, &page, &ticket).await;
    fixture.phone = fixture.test_app.phone();
    let page = fixture.enroll(&page).await;
    assert_waiting(&page);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_leaves_a_second_factor_needs_no_ticket() {
    let mut fixture = PushFixture::of("tom").await;
    let commands = Commands::beside(&fixture.test_app);
    let shown = commands.json(&["person", "show", "tom"]);
    let generator = shown["devices"][0]["id"].as_str().expect("a device").to_owned();
    let reset = commands.json(&["person", "reset-push", "tom", "--yes"]);
    assert_eq!((&reset["removed"], reset.get("ticket")), (&0.into(), None));
    for wrong in ["dev_AAAAAAAAAAAAAAAAAAAAAQ", "per_AAAAAAAAAAAAAAAAAAAAAQ"] {
        assert_ne!(commands.run(&["person", "remove-device", "tom", wrong, "--yes"], "").code, Some(0));
    }
    let refused = commands.run(&["person", "remove-device", "alice", &generator, "--yes"], "");
    assert_eq!(refused.code, Some(1), "it is not hers: {refused:?}");
    let removed = commands.json(&["person", "remove-device", "tom", &generator, "--yes"]);
    assert_eq!(removed["removed"], 1);
    assert!(removed["ticket"].is_string(), "it was the last one: {removed}");
    let page = to_enrollment(&mut fixture).await;
    assert!(asks_for_ticket(&page), "{}", page.summary());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_requires_tickets_gives_one_to_each_new_person() {
    let mut fixture = PushFixture::new().await;
    let commands = Commands::beside(&fixture.test_app);
    let add = |name: &str| commands.run(&["person", "add", name, "--json"], "a staple for horses").json();
    assert!(add("bob").get("ticket").is_none());
    commands.done(&["pool", "set", "people", "--first-device", "ticket"]);
    let page = to_enrollment(&mut fixture).await;
    assert!(asks_for_ticket(&page), "alice has no phone: {}", page.summary());
    let ticket =
        commands.json(&["person", "ticket", "alice"])["ticket"].as_str().expect("a ticket").to_owned();
    let carol = add("carol");
    let of_carol = carol["ticket"].as_str().expect("a ticket").to_owned();
    let refused = give(&mut fixture, &page, &of_carol).await;
    assert!(asks_for_ticket(&refused), "it is another person's: {}", refused.summary());
    let page = give(&mut fixture, &page, &ticket).await;
    let page = fixture.enroll(&page).await;
    assert_waiting(&page);
}

/// The statement that activates a device checks the need by itself, however the offer was made.
#[tokio::test]
async fn a_first_device_that_was_offered_before_a_reset_is_not_activated_without_a_ticket() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let claim = crate::support::phone::Claim::scan(&link);
    let code = fixture.claim_and_complete(&claim).await;
    let (app, alice) = (fixture.test_app.app.clone(), fixture.test_app.seed.alice);
    let tx = app.storage.begin().await.expect("a transaction");
    countersign::storage::tickets::require(&tx, alice, app.now()).await.expect("required");
    tx.commit().await.expect("committed");
    let refused = fixture.confirm(&page, &code).await;
    assert!(asks_for_ticket(&refused), "{}", refused.summary());
    assert_eq!(authenticators::list_active(&app.storage, alice).await.expect("a list").len(), 0);
    let waiting = authenticators::list_not_revoked(&app.storage, alice).await.expect("a list");
    let context = app.command_context().await.expect("a tenant");
    let ticket = tickets::create_for(&app, &context, alice).await.expect("a ticket").code;
    let offered = give(&mut fixture, &refused, &ticket).await;
    assert!(!asks_for_ticket(&offered) && waiting.len() == 1, "{}", offered.summary());
}

/// Two sign-ins redeem one ticket at once, and two requests of one sign-in confirm by it at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_simultaneous_redemptions_of_a_ticket_one_wins() {
    let mut fixture = PushFixture::with_phone().await;
    let ticket = reset(&fixture.test_app).await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        let page = to_enrollment(&mut fixture).await;
        pages.push((fixture.browser.clone(), page));
    }
    let barrier = Arc::new(Barrier::new(pages.len()));
    let redeemed = join_all(pages.into_iter().map(|(mut browser, page)| {
        let (barrier, ticket) = (barrier.clone(), ticket.clone());
        tokio::spawn(async move {
            let form = page.form("ticket").fill("ticket", &ticket).press("Continue");
            barrier.wait().await;
            browser.send(form).await
        })
    }));
    let won =
        redeemed.await.into_iter().filter(|page| !asks_for_ticket(page.as_ref().expect("a page"))).count();
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_ticket_activates_one_device_however_many_wait() {
    let mut fixture = PushFixture::with_phone().await;
    let ticket = reset(&fixture.test_app).await;
    let page = to_enrollment(&mut fixture).await;
    let page = give(&mut fixture, &page, &ticket).await;
    fixture.phone = fixture.test_app.phone();
    let link = page.attribute("#enroll-link", "href").expect("a link");
    fixture.claim_and_complete(&crate::support::phone::Claim::scan(&link)).await;
    let app = fixture.test_app.app.clone();
    let journey = page.url.query_pairs().find(|(name, _)| name == "j").expect("a sign-in").1.parse().unwrap();
    let row = enrollments::find_of_journey(&app.storage, journey).await.unwrap().expect("an enrollment");
    let barrier = Arc::new(Barrier::new(4));
    let confirmed = join_all((0..4).map(|_| {
        let (app, barrier, row) = (app.clone(), barrier.clone(), row.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            let tx = app.storage.begin().await.unwrap();
            let entitlement = Entitlement::FirstSecondFactorByTicket(journey);
            let is_confirmed = enrollments::confirm(&tx, &row, entitlement, app.now()).await.unwrap();
            if is_confirmed {
                tx.commit().await.unwrap();
            }
            is_confirmed
        })
    }));
    let won = confirmed.await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1);
    let alice = fixture.test_app.seed.alice;
    assert!(!countersign::storage::tickets::is_required(&app.storage, alice).await.unwrap());
    assert!(!countersign::storage::tickets::has_redeemed(&app.storage, journey).await.unwrap());
}

#[tokio::test]
async fn only_the_host_makes_a_ticket_and_only_where_one_is_needed() {
    let test_app = TestApp::new().await;
    let (app, alice) = (&test_app.app, test_app.seed.alice);
    let host = app.command_context().await.expect("a tenant");
    let needless = tickets::create_for(app, &host, alice).await;
    assert!(matches!(needless, Err(ActionError::Conflict(_))), "{needless:?}");
    people::reset_factors(app, &host, alice).await.expect("a reset");
    for actor in [
        countersign::audit::Actor::Anonymous,
        countersign::audit::Actor::Person(alice),
        countersign::audit::Actor::Client(test_app.seed.app),
        countersign::audit::Actor::System,
    ] {
        let refused = tickets::create_for(app, &host.by(actor), alice).await;
        assert!(matches!(refused, Err(ActionError::Forbidden)), "{actor:?}");
    }
    tickets::create_for(app, &host, alice).await.expect("a ticket");
}
