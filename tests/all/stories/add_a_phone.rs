//! Alice adds a second phone at the front page, by a proof with the one that she has.

use crate::support::{
    audit_log::{AuditLog, details_of},
    form::Submission,
    page::Page,
    phone::{Act, Claim, Phone},
    push_fixture::{PushFixture, assert_waiting, continuing, sending, state},
    seed::PASSWORD,
    sign_in::{give_password, request},
    test_app::TestApp,
};
use ::entity::{ids::PersonId, pool};
use countersign::{
    directory::PoolPolicy,
    storage::{Executor, authenticators, sessions},
};
use http::{Method, StatusCode};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

/// The number of simultaneous confirmations.
const RIVALS: usize = 4;

/// Alice with a phone and a session that she began with it, at the front page.
struct Account {
    fixture: PushFixture,
    home: Page,
    new_phone: Phone,
}

impl Account {
    async fn open() -> Self {
        let mut fixture = PushFixture::with_phone().await;
        let page = fixture.browser.go("/signin").await;
        let page = give_password(&mut fixture.browser, &page, "alice", PASSWORD).await;
        let home = fixture.approve(&page).await;
        assert_eq!(home.url.path(), "/", "{}", home.summary());
        // So that the next request is not refused as a repetition.
        fixture.test_app.clock.advance(60);
        let new_phone = fixture.test_app.phone();
        Self { fixture, home, new_phone }
    }

    fn test_app(&self) -> &TestApp {
        &self.fixture.test_app
    }

    fn person(&self) -> PersonId {
        self.test_app().seed.alice
    }

    /// The number of active phones.
    async fn count(&self) -> usize {
        let storage = &self.test_app().app.storage;
        authenticators::list_active(storage, self.person()).await.expect("storage answers").len()
    }

    fn adding(&self) -> Submission {
        self.home.form("Add a phone").press("Add a phone")
    }

    /// Presses the button, up to the page that asks for the proof.
    async fn begin(&mut self) -> Page {
        let page = self.fixture.browser.send(self.adding()).await;
        assert_eq!(page.url.path(), "/signin/push", "a proof is asked for: {}", page.summary());
        page
    }

    /// Proves the phone that she has, up to the page of the enrollment.
    async fn prove(&mut self) -> Page {
        let page = self.begin().await;
        let page = self.fixture.browser.send(sending(&page)).await;
        assert_waiting(&page);
        let page = self.fixture.approve(&page).await;
        assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
        page
    }

    /// The new phone claims and completes the enrollment; returns the form with its confirmation code.
    async fn complete(&mut self, page: &Page) -> Submission {
        let link = page.attribute("#enroll-link", "href").expect("a link");
        let offer = self.new_phone.claim(&Claim::scan(&link)).await.expect("an offer");
        let code = self.new_phone.complete(&offer, &json!({"kind": "none"})).await.expect("a code");
        page.form("confirmation").fill("confirmation", &code).press("Confirm")
    }

    async fn send(&mut self, form: Submission) -> Page {
        self.fixture.browser.send(form).await
    }

    /// Sets how many devices a person of the pool may have.
    async fn limit_devices(&self, devices: u8) {
        let mut policy = PoolPolicy::default();
        policy.push.devices = devices;
        let policy = serde_json::to_value(policy).expect("JSON");
        let tx = self.test_app().app.storage.begin().await.expect("a transaction");
        pool::Entity::update_many()
            .col_expr(pool::Column::Policy, Expr::value(policy))
            .filter(pool::Column::Id.eq(self.test_app().seed.people))
            .exec(tx.connection())
            .await
            .expect("a policy");
        tx.commit().await.expect("kept");
        self.test_app().app.directory.forget();
    }
}

#[tokio::test]
async fn a_second_phone_is_added_by_a_proof_with_the_first_and_both_stay() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    assert_eq!(account.count().await, 1, "not before the confirmation code");
    let mut log = AuditLog::from_now(&account.test_app().app).await;
    let home = account.send(form).await;
    assert_eq!(home.url.path(), "/", "{}", home.summary());
    assert_eq!(account.count().await, 2);
    insta::assert_snapshot!(log.news(&account.test_app().app).await, @r#"
    action.confirmed alice countersign-account phone#2 sign-in#3 {"action":"add_device"}
    enrollment.confirmed alice countersign-account phone#2 sign-in#3
    sign_in.succeeded alice countersign-account sign-in#3 {"acr":"2fa","amr":["pwd","pop","swk","user","mfa"],"how":"proved"}
    "#);
    // Both phones are asked by the next sign-in, and the first one still answers.
    account.test_app().clock.advance(60);
    account.fixture.browser = account.test_app().browser();
    let (ask, page) = account.fixture.begin_waiting().await;
    assert_eq!(account.new_phone.open_challenges().await.expect("a list").len(), 1);
    let page = account.fixture.approve(&page).await;
    account.fixture.tokens(&ask, &page).await;
}

#[tokio::test]
async fn without_a_proof_no_phone_is_offered_or_confirmed() {
    let mut account = Account::open().await;
    let page = account.begin().await;
    let mut enroll = page.url.clone();
    enroll.set_path("/signin/enroll");
    assert_eq!(account.fixture.browser.go(enroll.as_str()).await.url.path(), "/signin/push");
    for (name, value) in [("decision", "allow"), ("confirmation", "123456")] {
        let mut form = page.form("Send the request").forge(name, value).submit();
        form.action.set_path("/signin/enroll");
        let next = account.send(form).await;
        assert_eq!(next.url.path(), "/signin/push", "{}", next.summary());
    }
    assert_eq!(account.count().await, 1);
}

#[tokio::test]
async fn a_confirmation_is_used_once() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    account.send(form.clone()).await;
    assert_eq!(account.count().await, 2);
    assert_eq!(account.send(form).await.status, StatusCode::GONE);
    let again = page.form("confirmation").forge("decision", "allow").submit();
    assert_eq!(account.send(again).await.status, StatusCode::GONE);
    // The next phone needs a proof of its own.
    account.test_app().clock.advance(60);
    account.begin().await;
    assert_eq!(account.count().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_simultaneous_confirmations_one_adds_the_phone() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    let barrier = Arc::new(Barrier::new(RIVALS));
    let rivals: Vec<_> = (0..RIVALS)
        .map(|_| {
            let (mut browser, form) = (account.fixture.browser.clone(), form.clone());
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                browser.send(form).await.status
            })
        })
        .collect();
    for rival in rivals {
        let status = rival.await.expect("an answer");
        assert!(status.is_success() || status == StatusCode::GONE, "{status}");
    }
    assert_eq!(account.count().await, 2);
    let confirmed = details_of(&account.test_app().app, account.person(), "action.confirmed").await;
    assert_eq!(confirmed, [json!({"action": "add_device"})]);
}

#[tokio::test]
async fn a_code_of_the_phone_is_no_proof_beside_an_approval() {
    let mut account = Account::open().await;
    let page = account.begin().await;
    assert!(!page.forms().iter().any(|form| form.has("Enter a code")) && page.link("Enter a code").is_none());
    let code = account.fixture.phone.totp_code();
    let mut form = page.form("Send the request").forge("code", &code).submit();
    form.action.set_path("/signin/totp");
    let next = account.send(form).await;
    assert_eq!(next.url.path(), "/signin/push", "{}", next.summary());
    assert_eq!(account.count().await, 1);
}

#[tokio::test]
async fn another_browser_can_neither_prove_nor_confirm() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    let mut other = account.test_app().browser();
    assert_eq!(other.go(page.url.as_str()).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(other.send(form).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(account.count().await, 1);
}

#[tokio::test]
async fn a_confirmation_is_of_one_person_only() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    let page = account.fixture.browser.go(&request("quiet_app", &[("prompt", "select_account")])).await;
    give_password(&mut account.fixture.browser, &page, "grace", PASSWORD).await;
    let next = account.send(form).await;
    assert_eq!(next.status, StatusCode::BAD_REQUEST, "{}", next.summary());
    assert_eq!(account.count().await, 1);
    let grace = account.test_app().seed.grace;
    let devices = authenticators::list_active(&account.test_app().app.storage, grace).await;
    assert_eq!(devices.expect("storage answers").len(), 0);
}

#[tokio::test]
async fn a_person_with_as_many_phones_as_allowed_adds_none() {
    let mut account = Account::open().await;
    let (page, adding) = (account.prove().await, account.adding());
    let form = account.complete(&page).await;
    account.limit_devices(1).await;
    let next = account.send(form).await;
    assert_eq!(next.url.path(), "/signin/enroll", "{}", next.summary());
    assert_eq!(account.count().await, 1);
    let home = account.fixture.browser.go("/").await;
    assert!(!home.forms().iter().any(|form| form.has("Add a phone")), "{}", home.summary());
    let next = account.send(adding).await;
    assert_eq!(next.url.path(), "/", "no proof is asked for in vain: {}", next.summary());
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_adds_no_phone() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    let app = account.test_app().app.clone();
    let tx = app.storage.begin().await.expect("a transaction");
    sessions::end_all(&tx, account.person(), app.now()).await.expect("storage answers");
    tx.commit().await.expect("storage answers");
    let next = account.send(form).await;
    assert_eq!(next.status, StatusCode::BAD_REQUEST, "{}", next.summary());
    assert_eq!(account.count().await, 1);
}

#[tokio::test]
async fn a_sign_out_in_another_tab_ends_the_action() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    let out = account.fixture.browser.go("/signout").await;
    account.send(out.form("Sign out").press("Sign out")).await;
    assert_eq!(account.send(form).await.status, StatusCode::GONE);
    assert_eq!(account.count().await, 1);
}

#[tokio::test]
async fn an_approval_by_a_phone_removed_since_is_void_although_another_phone_stays() {
    let mut account = Account::open().await;
    let page = account.prove().await;
    let form = account.complete(&page).await;
    account.send(form).await;
    assert_eq!(account.count().await, 2);
    account.test_app().clock.advance(60);

    let fixture = &mut account.fixture;
    let mut browser = fixture.test_app.browser();
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in_with(&mut browser, &ask).await;
    assert_waiting(&page);
    let number = page.text_of("number").expect("a number");
    assert_eq!(fixture.answer(Act::Approve(&number)).await.as_deref(), Ok("approved"));
    fixture.phone.ask(Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let page = browser.send(continuing(&page)).await;
    assert!(page.departure.is_none(), "{}", page.summary());
    assert_eq!(state(&page), "superseded");

    // The phone that stays approves the next request.
    fixture.test_app.clock.advance(60);
    let page = browser.send(sending(&page)).await;
    assert_waiting(&page);
    let number = page.text_of("number").expect("a number");
    let open = account.new_phone.open_challenges().await.expect("a list");
    let challenge = account.new_phone.fetch(open.last().expect("a request")).await.expect("its details");
    let answered = account.new_phone.answer(&challenge, Act::Approve(&number)).await;
    assert_eq!(answered.as_deref(), Ok("approved"));
    let page = browser.send(continuing(&page)).await;
    account.fixture.app.receive(&ask, &page).expect("a code");
}
