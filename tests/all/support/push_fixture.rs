//! A person with a browser and a phone, an application, and the server between them.

use super::{
    browser::Browser,
    page::Page,
    phone::{Act, Challenge, Claim, Phone},
    relying_party::{Ask, RelyingParty, Tokens},
    seed::PASSWORD,
    test_app::TestApp,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::storage::outbox::{self, CarrierKind};
use http::Method;
use serde_json::json;

/// A person with a browser and a phone.
pub struct PushFixture {
    pub test_app: TestApp,
    pub app: RelyingParty,
    pub browser: Browser,
    pub phone: Phone,
    username: &'static str,
}

impl PushFixture {
    /// Alice, whose pool requires a second factor and who has none yet.
    pub async fn new() -> Self {
        Self::of("alice").await
    }

    /// A person of the seed.
    pub async fn of(username: &'static str) -> Self {
        Self::on(TestApp::new().await, username)
    }

    /// A person of the seed at this server.
    pub fn on(test_app: TestApp, username: &'static str) -> Self {
        let (app, browser, phone) =
            (test_app.relying_party("quiet_app"), test_app.browser(), test_app.phone());
        Self { test_app, app, browser, phone, username }
    }

    /// Alice with a phone that was enrolled a day ago in another browser.
    pub async fn with_phone() -> Self {
        Self::of("alice").await.and_phone().await
    }

    /// A person of the seed with a phone, like [`PushFixture::with_phone`].
    pub async fn and_phone(mut self) -> Self {
        let ask = self.app.ask().await.with("acr_values", "2fa");
        let page = self.sign_in(&ask).await;
        let page = self.enroll(&page).await;
        let page = self.approve(&page).await;
        self.app.receive(&ask, &page).expect("a code");
        self.test_app.clock.advance(24 * 3600 + 1);
        self.browser = self.test_app.browser();
        self
    }

    /// Sends name and password; returns the next page.
    pub async fn sign_in(&mut self, ask: &Ask) -> Page {
        let mut browser = self.browser.clone();
        let page = self.sign_in_with(&mut browser, ask).await;
        self.browser = browser;
        page
    }

    /// Sends name and password in another browser.
    pub async fn sign_in_with(&self, browser: &mut Browser, ask: &Ask) -> Page {
        let page = browser.go(&ask.address()).await;
        let page = browser.send(page.form("username").fill("username", self.username).submit()).await;
        browser.send(page.form("password").fill("password", PASSWORD).submit()).await
    }

    /// Signs in up to the page that waits for the phone.
    pub async fn begin_waiting(&mut self) -> (Ask, Page) {
        let ask = self.app.ask().await;
        let page = self.sign_in(&ask).await;
        assert_waiting(&page);
        (ask, page)
    }

    /// Scans the code on the page and types the phone's confirmation code; returns the next page.
    pub async fn enroll(&mut self, page: &Page) -> Page {
        let link = page.attribute("#enroll-link", "href").expect("a link");
        let code = self.claim_and_complete(&Claim::scan(&link)).await;
        self.confirm(page, &code).await
    }

    /// Claims and completes the enrollment on the phone; returns the confirmation code.
    pub async fn claim_and_complete(&mut self, claim: &Claim) -> String {
        let offer = self.phone.claim(claim).await.expect("an offer");
        self.phone.complete(&offer, &json!({"kind": "none"})).await.expect("a confirmation code")
    }

    /// Types a confirmation code.
    pub async fn confirm(&mut self, page: &Page, code: &str) -> Page {
        self.browser.send(page.form("confirmation").fill("confirmation", code).press("Confirm")).await
    }

    /// Fetches the newest challenge on the phone.
    pub async fn look(&mut self) -> Challenge {
        let open = self.phone.open_challenges().await.expect("a list");
        let newest = open.last().expect("an open request").clone();
        self.phone.fetch(&newest).await.expect("its details")
    }

    /// Answers the newest challenge on the phone.
    pub async fn answer(&mut self, act: Act<'_>) -> Result<String, super::phone::Problem> {
        let challenge = self.look().await;
        self.phone.answer(&challenge, act).await
    }

    /// Types the number of the page into the phone and continues the page.
    pub async fn approve(&mut self, page: &Page) -> Page {
        let number = page.text_of("number").expect("a number");
        assert_eq!(self.answer(Act::Approve(&number)).await.expect("an answer"), "approved");
        self.go_on(page).await
    }

    /// Continues the page like its script after a change.
    pub async fn go_on(&mut self, page: &Page) -> Page {
        self.browser.send(continuing(page)).await
    }

    /// Registers a push subscription of the phone.
    pub async fn subscribe(&mut self) {
        self.subscribe_at(900).await;
    }

    /// Registers one with this counter, for the VAPID key that the server has now.
    pub async fn subscribe_at(&mut self, ctr: i64) {
        let about = self.phone.ask(Method::GET, "/device/v1/self", None).await.expect("itself");
        let key = self.test_app.phone().jwk();
        let coordinate =
            |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().expect("text")).expect("base64url");
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let transport = json!({"kind": "webpush", "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/x",
            "p256dh": URL_SAFE_NO_PAD.encode(point), "auth": URL_SAFE_NO_PAD.encode([7; 16]),
            "vapid_kid": about["vapid_kid"]});
        let body = json!({"transport": transport, "ctr": ctr});
        let set =
            self.phone.ask(Method::PUT, "/device/v1/transport", Some(&body)).await.expect("a transport");
        assert_eq!(set["transport"]["kind"], "webpush");
    }

    /// Leases the queued deliveries, so that the next call returns only new ones.
    pub async fn queued(&self) -> Vec<outbox::LeasedRow> {
        let now = self.test_app.app.now();
        outbox::lease_due(&self.test_app.app.storage, CarrierKind::WebPush, (now, 10), now.plus_seconds(3600))
            .await
            .expect("rows")
    }

    /// Redeems the authorization response on `page`.
    pub async fn tokens(&self, ask: &Ask, page: &Page) -> Tokens {
        let code = self.app.receive(ask, page).expect("a code");
        self.app.redeem(ask, &code).await.expect("tokens")
    }
}

/// The form that the page's script submits to continue.
pub fn continuing(page: &Page) -> super::form::Submission {
    let forms = page.forms();
    let form = forms.into_iter().find(|form| form.action.path() == "/signin/push" && form.has("decision"));
    form.unwrap_or_else(|| panic!("nothing to continue: {}", page.summary())).submit()
}

/// The form that sends another request.
pub fn sending(page: &Page) -> super::form::Submission {
    let forms = page.forms();
    if let Some(form) = forms.iter().find(|form| form.action.path() == "/signin/push/send") {
        return form.clone().submit();
    }
    let mut form = continuing(page);
    form.action.set_path("/signin/push/send");
    form
}

/// The state of the challenge on the page.
pub fn state(page: &Page) -> String {
    page.attribute("#push-state", "data-state").unwrap_or_else(|| panic!("no state: {}", page.summary()))
}

/// Fails unless the page waits for the phone.
pub fn assert_waiting(page: &Page) {
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
    assert_eq!(state(page), "pending");
}
