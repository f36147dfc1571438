//! What people had to do at their next sign-in when the newest fixture was made.

use super::sign_in;
use crate::support::{fixture::Fixture, page::Page};
use countersign::{clock::Clock, storage::known_browsers};
use serde_json::Value;

/// The first schema with duties, tickets, invitations and known browsers.
const WITH_DUTIES: &str = "798e470";

/// A string of the fixture.
fn text(fixture: &Fixture, path: [&str; 2]) -> String {
    fixture.kept(path).as_str().expect("a string").to_owned()
}

#[tokio::test]
async fn a_password_that_had_to_be_changed_has_to_be_changed() {
    let fixture = Fixture::open(WITH_DUTIES).await;
    let mut browser = fixture.browser();
    let (_, page) = sign_in(&fixture, &mut browser, "jane").await;
    assert_eq!(page.url.path(), "/signin/new-password", "{}", page.summary());
    let form = page.form("new_password").fill("new_password", "seventeen quiet otters");
    let page: Page = browser.send(form.fill("new_password_again", "seventeen quiet otters").submit()).await;
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
}

#[tokio::test]
async fn a_person_without_a_device_needs_the_ticket_that_was_needed() {
    let fixture = Fixture::open(WITH_DUTIES).await;
    let mut browser = fixture.browser();
    let (_, page) = sign_in(&fixture, &mut browser, "gina").await;
    let form = page.form("ticket").fill("ticket", &text(&fixture, ["tickets", "gina"]));
    let page = browser.send(form.submit()).await;
    assert!(page.text.contains("it is older than an hour"), "{}", page.summary());
}

#[tokio::test]
async fn an_invitation_is_redeemed() {
    let fixture = Fixture::open(WITH_DUTIES).await;
    let mut browser = fixture.browser();
    let token = text(&fixture, ["invitations", "lea"]);
    let page = browser.go(&format!("/signin/invitation?token={token}")).await;
    let page = browser.send(page.form("token").press("Choose a password")).await;
    let form = page.form("new_password").fill("new_password", "seventeen quiet otters");
    let page = browser.send(form.fill("new_password_again", "seventeen quiet otters").submit()).await;
    assert_eq!(page.url.path(), "/signin/identifier", "{}", page.summary());
}

#[tokio::test]
async fn the_browsers_of_earlier_sign_ins_are_known() {
    for schema in super::SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let (storage, now) = (&fixture.app.storage, fixture.clock.now());
        let subject: Value = super::subject(&fixture, "bea").await;
        let bea = subject.as_str().expect("an id").parse().expect("an id");
        let known = known_browsers::list(storage, bea, now).await.expect("an answer");
        assert!(known.iter().any(|browser| browser.held_at.is_some()), "{schema}: {known:?}");
    }
}
