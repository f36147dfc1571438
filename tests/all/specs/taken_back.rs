//! Every reason × everything that was given: what ends, judged by using it from outside.
//!
//! The table is [`lives`]. It has no wildcards, so that a new reason and a new artifact do not compile without
//! their cells.

use super::super::support::{
    browser::Browser,
    fixed_clock::FixedClock,
    form::Submission,
    page::Page,
    phone::{Act, Claim, Phone},
    push_fixture::{assert_waiting, continuing, sending},
    relying_party::{Ask, RelyingParty, Tokens},
    seed::PASSWORD,
    sign_in::{Answer, give_password, request},
    test_app::{HOME, TestApp, run_clean_up},
};
use ::entity::{client_pool, ids::AuthenticatorId};
use countersign::{
    actions::{
        clients::{self as client_actions, Rotation},
        consents, devices, people as people_actions,
    },
    audit::{Actor, Via},
    directory::Client,
    storage::{Executor, authenticators, clients, people, pools},
};
use http::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

/// What takes back.
#[derive(Clone, Copy, Debug)]
enum Reason {
    /// Nothing: the twin of every other reason.
    Nothing,
    PersonDisabled,
    /// By the database alone, without a command.
    PersonDisabledByHand,
    PersonDeleted,
    PersonSignedOut,
    PasswordSet,
    PasswordChanged,
    FactorsReset,
    Reported,
    PushReset,
    DeviceRemoved,
    DeviceRemovedByCommand,
    DeviceSuspended,
    ClientDisabled,
    ClientDisabledByHand,
    ClientDeleted,
    PoolTaken,
    PoolTakenByHand,
    SecretRotated,
    SecretCompromised,
    ConsentRevoked,
    SignedOut,
    SessionIdle,
    SessionExpired,
}

/// What was given, or has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Artifact {
    /// The session of the first browser, proved by password and phone.
    Session,
    /// Two factors of that session, without a page.
    TwoFactors,
    /// The session of another browser, at another address, by the password alone.
    OtherSession,
    /// The access token of the first session.
    AccessToken,
    /// Its refresh token, which lives as long as the session.
    RefreshToken,
    /// An access token with `offline_access`.
    OfflineAccessToken,
    /// A refresh token with `offline_access`.
    OfflineRefreshToken,
    /// The access token of the other session.
    OtherAccessToken,
    /// A code of the first session that was not redeemed.
    Code,
    /// A sign-in of a third browser, at the page that asks for consent.
    SignIn,
    /// A request that waits on the phone, of a fourth browser.
    Challenge,
    /// A second phone that the first browser is adding.
    Enrollment,
}

const ARTIFACTS: [Artifact; 12] = [
    Artifact::AccessToken,
    Artifact::OfflineAccessToken,
    Artifact::OtherAccessToken,
    Artifact::Code,
    Artifact::RefreshToken,
    Artifact::OfflineRefreshToken,
    Artifact::TwoFactors,
    Artifact::Session,
    Artifact::OtherSession,
    Artifact::SignIn,
    Artifact::Challenge,
    Artifact::Enrollment,
];

/// The table: whether the artifact is still worth something.
fn lives(reason: Reason, artifact: Artifact) -> bool {
    use Artifact as A;
    match reason {
        // With an overlap, in which the client still authenticates by the secret before.
        Reason::Nothing | Reason::SecretRotated => match artifact {
            A::Session | A::TwoFactors | A::OtherSession => true,
            A::AccessToken | A::RefreshToken | A::OfflineAccessToken | A::OfflineRefreshToken => true,
            A::OtherAccessToken | A::Code | A::SignIn | A::Challenge | A::Enrollment => true,
        },
        Reason::PersonDisabled
        | Reason::PersonDisabledByHand
        | Reason::PersonDeleted
        | Reason::PersonSignedOut
        | Reason::PasswordSet
        | Reason::FactorsReset
        | Reason::PasswordChanged => match artifact {
            A::Session | A::TwoFactors | A::OtherSession => false,
            A::AccessToken | A::RefreshToken | A::OfflineAccessToken | A::OfflineRefreshToken => false,
            A::OtherAccessToken | A::Code | A::SignIn | A::Challenge | A::Enrollment => false,
        },
        // All of the request was asked from the address of the first browser.
        Reason::Reported => match artifact {
            A::Session | A::TwoFactors => false,
            A::AccessToken | A::RefreshToken | A::OfflineAccessToken | A::OfflineRefreshToken => false,
            A::OtherSession | A::OtherAccessToken => true,
            A::Code | A::SignIn | A::Challenge | A::Enrollment => false,
        },
        Reason::PushReset
        | Reason::DeviceRemoved
        | Reason::DeviceRemovedByCommand
        | Reason::DeviceSuspended => match artifact {
            A::Session | A::OtherSession | A::OtherAccessToken | A::SignIn => true,
            A::TwoFactors | A::Code | A::Challenge | A::Enrollment => false,
            A::AccessToken | A::RefreshToken | A::OfflineAccessToken | A::OfflineRefreshToken => false,
        },
        // The client is `app`, which has all tokens of the first session, and none of the others.
        Reason::ClientDisabled
        | Reason::ClientDisabledByHand
        | Reason::ClientDeleted
        | Reason::PoolTaken
        | Reason::PoolTakenByHand => match artifact {
            A::Session | A::TwoFactors | A::OtherSession | A::OtherAccessToken => true,
            A::AccessToken | A::RefreshToken | A::OfflineAccessToken | A::OfflineRefreshToken => false,
            A::SignIn => false,
            A::Code | A::Challenge | A::Enrollment => true,
        },
        Reason::SecretCompromised | Reason::ConsentRevoked => match artifact {
            A::Session | A::TwoFactors | A::OtherSession | A::OtherAccessToken => true,
            A::AccessToken | A::RefreshToken | A::OfflineAccessToken | A::OfflineRefreshToken => false,
            A::SignIn | A::Code | A::Challenge | A::Enrollment => true,
        },
        // The second phone is added in the session that asked for it.
        Reason::SignedOut | Reason::SessionIdle | Reason::SessionExpired => match artifact {
            A::Session | A::TwoFactors | A::AccessToken | A::RefreshToken | A::Code => false,
            A::Enrollment => false,
            A::OfflineAccessToken | A::OfflineRefreshToken => true,
            A::OtherSession | A::OtherAccessToken | A::SignIn | A::Challenge => true,
        },
    }
}

/// Grace with everything.
struct Scene {
    test_app: TestApp,
    app: RelyingParty,
    quiet: RelyingParty,
    phone: Phone,
    device: AuthenticatorId,
    first: Browser,
    online: Tokens,
    offline: Tokens,
    other: Browser,
    other_tokens: Tokens,
    code: (Ask, String),
    sign_in: (Browser, Page),
    challenge: (Browser, Page),
    enrollment: Page,
    new_phone: Phone,
}

fn browser_at(test_app: &TestApp, address: &str) -> Browser {
    Browser::new(test_app.http_client_from(address), HOME)
}

async fn begin(browser: &mut Browser, ask: &Ask) -> Page {
    let page = browser.go(&ask.address()).await;
    if page.url.path() == "/signin/identifier" {
        return give_password(browser, &page, "grace", PASSWORD).await;
    }
    page
}

async fn allow(browser: &mut Browser, page: &Page) -> Page {
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    browser.send(page.form("Allow").press("Allow")).await
}

/// Approves the newest request with the number of the page, and goes on.
async fn approve(browser: &mut Browser, page: &Page, phone: &mut Phone) -> Page {
    assert_waiting(page);
    let number = page.text_of("number").expect("a number");
    let open = phone.open_challenges().await.expect("a list");
    let challenge = phone.fetch(open.last().expect("a request")).await.expect("its details");
    assert_eq!(phone.answer(&challenge, Act::Approve(&number)).await.expect("an answer"), "approved");
    browser.send(continuing(page)).await
}

async fn enroll(page: &Page, phone: &mut Phone) -> Option<Submission> {
    let link = page.attribute("#enroll-link", "href")?;
    let offer = phone.claim(&Claim::scan(&link)).await.ok()?;
    let code = phone.complete(&offer, &json!({"kind": "none"})).await.ok()?;
    Some(page.form("confirmation").fill("confirmation", &code).press("Confirm"))
}

impl Scene {
    async fn set_up() -> Self {
        let test_app = TestApp::new().await;
        let (app, quiet) = (test_app.relying_party("app"), test_app.relying_party("quiet_app"));
        let (mut first, mut phone) = (test_app.browser(), test_app.phone());
        let ask = quiet.ask().await.with("acr_values", "2fa");
        let page = begin(&mut first, &ask).await;
        let form = enroll(&page, &mut phone).await.expect("an offer");
        let page = first.send(form).await;
        approve(&mut first, &page, &mut phone).await;
        let device = authenticators::list_active(&test_app.app.storage, test_app.seed.grace).await;
        let device = device.expect("storage answers")[0].id();

        let ask = app.ask().await.with("scope", "openid");
        let page = begin(&mut first, &ask).await;
        let page = allow(&mut first, &page).await;
        let online = app.redeem(&ask, &app.receive(&ask, &page).expect("a code")).await.expect("tokens");
        assert_eq!(online.claims["acr"], "2fa");
        let ask = app.ask().await.with("scope", "openid offline_access");
        let page = begin(&mut first, &ask).await;
        let page = allow(&mut first, &page).await;
        let offline = app.redeem(&ask, &app.receive(&ask, &page).expect("a code")).await.expect("tokens");
        assert!(online.refresh_token.is_some() && offline.refresh_token.is_some());

        let mut other = browser_at(&test_app, "192.0.2.99");
        let ask = quiet.ask().await;
        let page = begin(&mut other, &ask).await;
        let other_tokens = quiet.redeem(&ask, &quiet.receive(&ask, &page).expect("a code")).await;
        let other_tokens = other_tokens.expect("tokens");

        // So that the password of the session is no longer fresh enough to add a first device.
        test_app.clock.advance(400);
        let home = first.go("/").await;
        let page = first.send(home.form("Add a phone").press("Add a phone")).await;
        let page = first.send(sending(&page)).await;
        let enrollment = approve(&mut first, &page, &mut phone).await;
        assert_eq!(enrollment.url.path(), "/signin/enroll", "{}", enrollment.summary());
        test_app.clock.advance(30);
        let mut waiting = test_app.browser();
        let page = begin(&mut waiting, &quiet.ask().await.with("acr_values", "2fa")).await;
        assert_waiting(&page);
        let challenge = (waiting, page);
        let mut consenting = test_app.browser();
        let page = begin(&mut consenting, &app.ask().await.with("scope", "openid email")).await;
        assert_eq!(page.url.path(), "/consent", "{}", page.summary());
        let sign_in = (consenting, page);
        let ask = quiet.ask().await.with("acr_values", "2fa");
        let page = begin(&mut first, &ask).await;
        let code = quiet.receive(&ask, &page).expect("a code");
        Self {
            app,
            quiet,
            phone,
            device,
            first,
            online,
            offline,
            other,
            other_tokens,
            code: (ask, code),
            sign_in,
            challenge,
            enrollment,
            new_phone: test_app.phone(),
            test_app,
        }
    }

    /// Uses the artifact; `true` when it is worth something.
    async fn is_alive(&mut self, artifact: Artifact) -> bool {
        match artifact {
            Artifact::Session => self.first.go("/").await.text.contains("Signed in as"),
            Artifact::OtherSession => self.other.go("/").await.text.contains("Signed in as"),
            Artifact::TwoFactors => {
                let essential = r#"{"id_token":{"acr":{"essential":true,"values":["2fa"]}}}"#;
                let silent = [("prompt", "none"), ("claims", essential)];
                let page = self.first.go(&request("quiet_app", &silent)).await;
                Answer::of(&page).error().is_empty()
            }
            Artifact::AccessToken => self.app.userinfo(&self.online).await.is_ok(),
            Artifact::OfflineAccessToken => self.app.userinfo(&self.offline).await.is_ok(),
            Artifact::OtherAccessToken => self.quiet.userinfo(&self.other_tokens).await.is_ok(),
            Artifact::RefreshToken => self.app.refresh(&self.online).await.is_ok(),
            Artifact::OfflineRefreshToken => self.app.refresh(&self.offline).await.is_ok(),
            Artifact::Code => self.quiet.redeem(&self.code.0, &self.code.1).await.is_ok(),
            Artifact::SignIn => {
                let (browser, page) = &mut self.sign_in;
                let page = browser.send(page.form("Allow").press("Allow")).await;
                Answer::seek(&page).is_some_and(|answer| answer.error().is_empty())
            }
            Artifact::Challenge => {
                let (browser, page) = &mut self.challenge;
                let number = page.text_of("number").expect("a number");
                let open = self.phone.open_challenges().await.unwrap_or_default();
                if let Some(open) = open.last()
                    && let Ok(challenge) = self.phone.fetch(open).await
                {
                    let _refused = self.phone.answer(&challenge, Act::Approve(&number)).await;
                }
                let page = browser.go(page.url.as_str()).await;
                let forms = page.forms();
                let form = forms
                    .into_iter()
                    .find(|form| form.has("decision") && form.action.path() == "/signin/push");
                let Some(form) = form else { return false };
                let page = browser.send(form.submit()).await;
                Answer::seek(&page).is_some_and(|answer| answer.error().is_empty())
            }
            Artifact::Enrollment => {
                if let Some(form) = enroll(&self.enrollment, &mut self.new_phone).await {
                    self.first.send(form).await;
                }
                self.new_phone.open_challenges().await.is_ok()
            }
        }
    }

    async fn happen(&mut self, reason: Reason) {
        let (app, grace) = (&self.test_app.app, self.test_app.seed.grace);
        let now = app.now();
        let context = app.command_context().await.expect("a tenant");
        let (client, clock) = (self.test_app.seed.app, &self.test_app.clock);
        match reason {
            Reason::Nothing => {}
            Reason::PersonDisabled => {
                assert!(people_actions::disable(app, &context, grace).await.expect("disabled"));
            }
            Reason::PersonDeleted => {
                as_time_passes(clock, people_actions::delete(app, &context, grace)).await.expect("deleted");
            }
            Reason::PersonSignedOut => {
                people_actions::sign_out(app, &context, grace).await.expect("signed out");
            }
            Reason::PasswordSet => {
                let person = people::get(&app.storage, grace).await.expect("a person");
                let pool = pools::get(&app.storage, person.pool_id).await.expect("a pool");
                let set = people_actions::set_password(
                    app,
                    &context,
                    (&pool, &person),
                    "seventeen quiet otters",
                    false,
                );
                set.await.expect("set");
            }
            Reason::PushReset => {
                people_actions::reset_push(app, &context, grace).await.expect("reset");
            }
            Reason::DeviceRemovedByCommand => {
                people_actions::remove_device(app, &context, (grace, self.device)).await.expect("removed");
            }
            Reason::ClientDisabled => {
                let disabling = client_actions::disable(app, &context, client);
                assert!(as_time_passes(clock, disabling).await.expect("disabled"));
            }
            Reason::ClientDeleted => {
                as_time_passes(clock, client_actions::delete(app, &context, client)).await.expect("deleted");
            }
            Reason::PoolTaken => {
                let guests = self.test_app.seed.guests;
                let edit = |client: &mut Client| client.pools.retain(|pool| *pool != guests);
                let change = client_actions::change(app, &context, client, edit);
                as_time_passes(clock, change).await.expect("changed");
            }
            Reason::SecretRotated => {
                let overlap = Rotation::Overlap { seconds: 3600 };
                client_actions::rotate_secret(app, &context, client, overlap).await.expect("rotated");
            }
            Reason::SecretCompromised => {
                let rotation = client_actions::rotate_secret(app, &context, client, Rotation::Compromised);
                as_time_passes(clock, rotation).await.expect("rotated");
            }
            Reason::ConsentRevoked => {
                assert!(consents::revoke(app, &context, (grace, client)).await.expect("revoked"));
            }
            Reason::PersonDisabledByHand => {
                let tx = app.storage.begin().await.expect("a transaction");
                people::save_disabled(&tx, grace, Some(now)).await.expect("disabled");
                tx.commit().await.expect("kept");
            }
            Reason::PasswordChanged => self.change_password().await,
            Reason::FactorsReset => {
                people_actions::reset_factors(app, &context, grace).await.expect("reset");
            }
            Reason::Reported => {
                let open = self.phone.open_challenges().await.expect("a list");
                let challenge = self.phone.fetch(open.last().expect("a request")).await.expect("its details");
                let state = self.phone.answer(&challenge, Act::Report("not_me")).await;
                assert_eq!(state.expect("an answer"), "reported");
            }
            Reason::DeviceRemoved => {
                let removed: Result<Value, _> = self.phone.ask(Method::DELETE, "/device/v1/self", None).await;
                assert!(removed.is_ok(), "{:?}", removed.err().map(|problem| problem.code));
            }
            Reason::DeviceSuspended => {
                let tenant = app.directory.root().await.expect("a tenant");
                let device = devices::find(app, &tenant, self.device).await.expect("an answer");
                let mut context = context;
                (context.actor, context.via) = (Actor::Anonymous, Via::Device);
                for _ in 0..10 {
                    let counted = devices::count_bad_signature(app, &context, device.as_ref().expect("it"));
                    counted.await.expect("counted");
                }
            }
            Reason::ClientDisabledByHand => {
                let tx = app.storage.begin().await.expect("a transaction");
                clients::save_disabled(&tx, client, Some(now)).await.expect("disabled");
                tx.commit().await.expect("kept");
                app.directory.forget();
            }
            Reason::PoolTakenByHand => {
                let tx = app.storage.begin().await.expect("a transaction");
                let row = (client, self.test_app.seed.guests);
                client_pool::Entity::delete_by_id(row).exec(tx.connection()).await.expect("taken");
                tx.commit().await.expect("kept");
                app.directory.forget();
            }
            Reason::SignedOut => {
                let page = self.first.go("/signout").await;
                self.first.send(page.form("Sign out").press("Sign out")).await;
            }
            Reason::SessionIdle => self.age_first_session(12 * 3600, 0).await,
            Reason::SessionExpired => {
                self.age_first_session(0, 3600).await;
            }
        }
    }

    /// Moves the last use, or the end, of the first session into the past.
    async fn age_first_session(&self, idle: i64, expired: i64) {
        use ::entity::browser_session::{Column, Entity};
        use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
        let (app, now) = (&self.test_app.app, self.test_app.app.now());
        let tx = app.storage.begin().await.expect("a transaction");
        let mut update = Entity::update_many().filter(Column::Address.eq("192.0.2.1"));
        if idle > 0 {
            update = update.col_expr(Column::LastSeenAt, Expr::value(now.plus_seconds(-idle)));
        }
        if expired > 0 {
            update = update.col_expr(Column::ExpiresAt, Expr::value(now.plus_seconds(-expired)));
        }
        let aged = update.exec(tx.connection()).await.expect("aged");
        assert_eq!(aged.rows_affected, 1);
        tx.commit().await.expect("kept");
    }

    async fn change_password(&mut self) {
        const NEW: &str = "seventeen quiet otters";
        let (app, grace) = (&self.test_app.app, self.test_app.seed.grace);
        let tx = app.storage.begin().await.expect("a transaction");
        people::require_new_password(&tx, grace, app.now()).await.expect("a duty");
        tx.commit().await.expect("kept");
        let mut browser = browser_at(&self.test_app, "192.0.2.50");
        let page = browser.go(&request("quiet_app", &[])).await;
        let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
        let page = approve(&mut browser, &page, &mut self.phone).await;
        assert_eq!(page.url.path(), "/signin/new-password", "{}", page.summary());
        let form = page.form("new_password").fill("new_password", NEW).fill("new_password_again", NEW);
        let page = browser.send(form.submit()).await;
        assert!(Answer::of(&page).error().is_empty(), "the sign-in of the change goes on");
        assert!(browser.go("/").await.text.contains("Signed in as"));
    }
}

/// Runs a use case that pauses between its slices, while the clock goes on.
async fn as_time_passes<T>(clock: &FixedClock, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut sleeps = clock.sleeps();
    loop {
        sleeps += 1;
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = clock.sleeps_reached(sleeps) => clock.advance(1),
        }
    }
}

/// Judges every artifact after the reason, before and after the clean-up.
async fn judge(reason: Reason) {
    for is_swept in [false, true] {
        let mut scene = Scene::set_up().await;
        scene.happen(reason).await;
        if is_swept {
            run_clean_up(&scene.test_app.app).await.expect("cleaned up");
        }
        let mut wrong = Vec::new();
        for artifact in ARTIFACTS {
            let is_alive = scene.is_alive(artifact).await;
            if is_alive != lives(reason, artifact) {
                wrong.push(format!("{artifact:?} is {}", if is_alive { "alive" } else { "dead" }));
            }
        }
        assert!(wrong.is_empty(), "{reason:?} (swept: {is_swept}): {wrong:?}");
    }
}

#[tokio::test]
async fn everything_is_worth_something_while_nothing_has_happened() {
    judge(Reason::Nothing).await;
    judge(Reason::SecretRotated).await;
}

#[tokio::test]
async fn a_disabled_person_keeps_nothing() {
    judge(Reason::PersonDisabled).await;
    judge(Reason::PersonDisabledByHand).await;
    judge(Reason::PersonDeleted).await;
}

#[tokio::test]
async fn a_changed_password_leaves_only_the_sign_in_of_the_change() {
    judge(Reason::PasswordChanged).await;
}

#[tokio::test]
async fn a_person_who_was_signed_out_everywhere_or_got_a_password_keeps_nothing() {
    judge(Reason::PersonSignedOut).await;
    judge(Reason::PasswordSet).await;
}

#[tokio::test]
async fn a_reset_of_the_factors_ends_everything() {
    judge(Reason::FactorsReset).await;
}

#[tokio::test]
async fn a_report_ends_what_its_source_began_and_no_other_session() {
    judge(Reason::Reported).await;
}

#[tokio::test]
async fn a_removed_device_takes_its_proofs_with_it() {
    judge(Reason::DeviceRemoved).await;
    judge(Reason::DeviceRemovedByCommand).await;
    judge(Reason::PushReset).await;
}

#[tokio::test]
async fn a_suspended_device_takes_its_proofs_with_it() {
    judge(Reason::DeviceSuspended).await;
}

#[tokio::test]
async fn a_disabled_client_keeps_nothing_and_the_others_keep_theirs() {
    judge(Reason::ClientDisabled).await;
    judge(Reason::ClientDisabledByHand).await;
    judge(Reason::ClientDeleted).await;
}

#[tokio::test]
async fn a_client_that_lost_a_pool_keeps_nothing_of_its_people() {
    judge(Reason::PoolTaken).await;
    judge(Reason::PoolTakenByHand).await;
}

#[tokio::test]
async fn a_compromised_secret_ends_the_tokens_of_its_client() {
    judge(Reason::SecretCompromised).await;
}

#[tokio::test]
async fn a_revoked_consent_ends_the_tokens_of_its_client_and_no_others() {
    judge(Reason::ConsentRevoked).await;
}

#[tokio::test]
async fn a_session_that_was_signed_out_leaves_offline_access_only() {
    judge(Reason::SignedOut).await;
}

#[tokio::test]
async fn a_session_that_was_idle_too_long_leaves_offline_access_only() {
    judge(Reason::SessionIdle).await;
}

#[tokio::test]
async fn a_session_that_has_expired_leaves_offline_access_only() {
    judge(Reason::SessionExpired).await;
}
