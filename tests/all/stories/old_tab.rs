//! A thief who knows the password has *Add your phone* open in a tab. Once the person has a second factor,
//! the tab adds no phone, from any page of the enrollment.

use crate::support::{
    audit_log::details_of,
    browser::Browser,
    fixed_clock::FixedClock,
    page::Page,
    phone::{Claim, Offer, Phone},
    push_fixture::{PushFixture, sending},
    sign_in::{code_of, enroll_generator, to_code},
};
use ::entity::ids::PersonId;
use countersign::storage::{authenticators, people};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

/// The page of the enrollment that the tab shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Nothing was offered yet: after a step-up.
    Ready,
    Offered,
    Claimed,
    Completed,
}

const PAGES: [At; 4] = [At::Ready, At::Offered, At::Claimed, At::Completed];

/// A tab with Grace's password, and the phone of its user.
struct Tab {
    browser: Browser,
    page: Page,
    phone: Phone,
    offer: Option<Offer>,
    code: String,
    clock: FixedClock,
}

impl Tab {
    async fn open(fixture: &PushFixture, at: At) -> Self {
        let (mut browser, phone) = (fixture.test_app.browser(), fixture.test_app.phone());
        let ask = fixture.app.ask().await;
        let page = fixture.sign_in_with(&mut browser, &ask).await;
        fixture.app.receive(&ask, &page).expect("a session by password alone");
        let ask = fixture.app.ask().await.with("acr_values", "2fa");
        let page = browser.go(&ask.address()).await;
        assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
        let mut tab = Self {
            browser,
            page,
            phone,
            offer: None,
            code: String::new(),
            clock: fixture.test_app.clock.clone(),
        };
        if at != At::Ready {
            tab.begin().await;
        }
        if matches!(at, At::Claimed | At::Completed) {
            tab.claim().await.expect("an offer");
        }
        if at == At::Completed {
            tab.complete().await.expect("a confirmation code");
        }
        tab
    }

    /// "Begin", or "Begin again", which a page that waits does not show but a script can send.
    async fn begin(&mut self) {
        // So that offers have different times.
        self.clock.advance(1);
        let form = match self.page.attribute("#confirmation", "name") {
            Some(_) => self.page.form("confirmation").forge("decision", "allow").submit(),
            None => self.page.form("Begin").press("Begin"),
        };
        self.page = self.browser.send(form).await;
    }

    async fn claim(&mut self) -> Result<(), String> {
        let link = self.page.attribute("#enroll-link", "href").expect("a link");
        let offer = self.phone.claim(&Claim::scan(&link)).await;
        self.offer = Some(offer.map_err(|problem| problem.code)?);
        Ok(())
    }

    async fn complete(&mut self) -> Result<(), String> {
        let offer = self.offer.clone().expect("a claimed offer");
        let code = self.phone.complete(&offer, &json!({"kind": "none"})).await;
        self.code = code.map_err(|problem| problem.code)?;
        Ok(())
    }

    async fn confirm(&mut self) {
        let form = self.page.form("confirmation").fill("confirmation", &self.code);
        self.page = self.browser.send(form.press("Confirm")).await;
    }

    /// Continues from `at` as far as the server allows.
    async fn walk_on(&mut self, at: At) {
        if at == At::Ready {
            self.begin().await;
        }
        if self.page.url.path() != "/signin/enroll" {
            return;
        }
        if matches!(at, At::Ready | At::Offered) && self.claim().await.is_err() {
            return self.begin().await;
        }
        if at != At::Completed && self.complete().await.is_err() {
            return self.begin().await;
        }
        self.confirm().await;
    }
}

/// The second factor that the person gets while the tab is open.
#[derive(Clone, Copy, Debug)]
enum Protection {
    /// By a phone that they add elsewhere, at the pages.
    Phone,
    /// By a code app.
    CodeApp,
}

/// Signs Grace in with another browser and adds her phone.
async fn protect(fixture: &mut PushFixture, by: Protection) -> Vec<u8> {
    match by {
        Protection::CodeApp => enroll_generator(&fixture.test_app, fixture.test_app.seed.grace).await,
        Protection::Phone => {
            let ask = fixture.app.ask().await.with("acr_values", "2fa");
            let page = fixture.sign_in(&ask).await;
            let page = fixture.enroll(&page).await;
            let page = fixture.approve(&page).await;
            fixture.app.receive(&ask, &page).expect("a code");
            Vec::new()
        }
    }
}

async fn active_devices(fixture: &PushFixture) -> Vec<String> {
    let active =
        authenticators::list_active(&fixture.test_app.app.storage, fixture.test_app.seed.grace).await;
    active.expect("a list").into_iter().map(|device| device.id().to_string()).collect()
}

async fn failures(fixture: &PushFixture, person: PersonId, reason: &str) -> usize {
    let failed = details_of(&fixture.test_app.app, person, "enrollment.failed").await;
    failed.iter().filter(|detail| detail["reason"] == reason).count()
}

/// Checks that the tab explains the change and asks for the person's second factor.
fn assert_led_to_the_second_factor(page: &Page, by: Protection, context: &str) {
    let path = match by {
        Protection::Phone => "/signin/push",
        Protection::CodeApp => "/signin/totp",
    };
    assert_eq!(page.url.path(), path, "{context}: {}", page.summary());
    assert!(page.text.contains("was added to this account"), "{context}: {}", page.summary());
}

async fn the_old_tab_is_refused(at: At, by: Protection) {
    let context = format!("{at:?}, {by:?}");
    let mut fixture = PushFixture::of("grace").await;
    let mut tab = Tab::open(&fixture, at).await;
    let seed = protect(&mut fixture, by).await;
    if let (Some(offer), Protection::Phone) = (&tab.offer, by) {
        let state = tab.phone.enrollment_state(offer).await;
        assert_eq!(state.as_deref(), Ok("cancelled"), "{context}: a phone added elsewhere ends it at once");
    }
    let protected = active_devices(&fixture).await;
    let old = tab.page.clone();

    // A reload leads to the second factor, and so does every button of the old page.
    let reloaded = tab.browser.go(old.url.as_str()).await;
    assert_led_to_the_second_factor(&reloaded, by, &context);
    tab.walk_on(at).await;
    assert_led_to_the_second_factor(&tab.page, by, &context);
    tab.page = old;
    tab.begin().await;
    assert_led_to_the_second_factor(&tab.page, by, &context);

    assert_eq!(active_devices(&fixture).await, protected, "{context}");
    if let Some(offer) = &tab.offer {
        assert_eq!(tab.phone.enrollment_state(offer).await.as_deref(), Ok("cancelled"), "{context}");
    }
    assert!(failures(&fixture, fixture.test_app.seed.grace, "second_factor_exists").await > 0, "{context}");

    // The sign-in continues with the person's second factor.
    let page = match by {
        Protection::Phone => {
            let page = tab.browser.send(sending(&tab.page)).await;
            fixture.browser = tab.browser.clone();
            fixture.approve(&page).await
        }
        Protection::CodeApp => {
            let page = to_code(&mut tab.browser, &tab.page).await;
            let code = code_of(&seed, fixture.test_app.app.now());
            tab.browser.send(page.form("code").fill("code", &code).press("Continue")).await
        }
    };
    let departure = page.departure.as_ref().unwrap_or_else(|| panic!("{context}: {}", page.summary()));
    assert!(departure.as_str().contains("code="), "{context}: {departure}");
}

#[tokio::test]
async fn an_old_tab_adds_no_phone_once_the_person_has_added_one() {
    for at in PAGES {
        the_old_tab_is_refused(at, Protection::Phone).await;
    }
}

#[tokio::test]
async fn an_old_tab_adds_no_phone_once_the_person_has_a_code_app() {
    for at in PAGES {
        the_old_tab_is_refused(at, Protection::CodeApp).await;
    }
}

#[tokio::test]
async fn the_same_tab_adds_a_phone_while_the_person_has_no_second_factor() {
    for at in PAGES {
        let fixture = PushFixture::of("grace").await;
        let mut tab = Tab::open(&fixture, at).await;
        tab.walk_on(at).await;
        assert_eq!(tab.page.url.path(), "/signin/push", "{at:?}: {}", tab.page.summary());
        let device = tab.phone.account.as_ref().expect("an account").device_id.clone();
        assert_eq!(active_devices(&fixture).await, [device], "{at:?}");
        assert_eq!(
            failures(&fixture, fixture.test_app.seed.grace, "second_factor_exists").await,
            0,
            "{at:?}"
        );
    }
}

#[tokio::test]
async fn a_suspended_phone_still_keeps_another_from_being_added() {
    let mut fixture = PushFixture::of("grace").await;
    let mut tab = Tab::open(&fixture, At::Offered).await;
    protect(&mut fixture, Protection::Phone).await;
    let device = fixture.phone.account.as_ref().expect("an account").device_id.parse().expect("an id");
    let tx = fixture.test_app.app.storage.begin().await.expect("a transaction");
    assert!(authenticators::suspend(&tx, device).await.expect("suspended"));
    tx.commit().await.expect("kept");
    tab.begin().await;
    let departure = tab.page.departure.as_ref().unwrap_or_else(|| panic!("{}", tab.page.summary()));
    assert!(
        departure.as_str().contains("code="),
        "no second factor can be used, and none was essential: {departure}"
    );
    assert_eq!(active_devices(&fixture).await, [] as [String; 0]);
}

#[tokio::test]
async fn a_person_who_was_disabled_adds_no_phone_from_any_page() {
    for at in PAGES {
        let fixture = PushFixture::of("grace").await;
        let mut tab = Tab::open(&fixture, at).await;
        let tx = fixture.test_app.app.storage.begin().await.expect("a transaction");
        people::save_disabled(&tx, fixture.test_app.seed.grace, Some(fixture.test_app.app.now()))
            .await
            .expect("disabled");
        tx.commit().await.expect("kept");
        tab.begin().await;
        let is_refused = match &tab.page.departure {
            Some(departure) => departure.as_str().contains("error=access_denied"),
            None => tab.page.url.path() == "/signin/identifier",
        };
        assert!(is_refused, "{at:?}: {}", tab.page.summary());
        assert_eq!(active_devices(&fixture).await, [] as [String; 0], "{at:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_simultaneous_confirmation_and_new_offer_add_at_most_the_confirmed_phone() {
    for _ in 0..4 {
        let mut fixture = PushFixture::of("grace").await;
        let mut tab = Tab::open(&fixture, At::Offered).await;
        let ask = fixture.app.ask().await.with("acr_values", "2fa");
        let page = fixture.sign_in(&ask).await;
        let link = page.attribute("#enroll-link", "href").expect("a link");
        let code = fixture.claim_and_complete(&Claim::scan(&link)).await;
        let barrier = Arc::new(Barrier::new(2));
        let (mut browser, at_browser) = (fixture.browser.clone(), Arc::clone(&barrier));
        let form = page.form("confirmation").fill("confirmation", &code).press("Confirm");
        let confirmed = tokio::spawn(async move {
            at_browser.wait().await;
            browser.send(form).await
        });
        barrier.wait().await;
        tab.begin().await;
        confirmed.await.expect("a page");
        if tab.page.url.path() == "/signin/enroll" {
            tab.walk_on(At::Offered).await;
        }
        assert_eq!(active_devices(&fixture).await.len(), 1);
    }
}
