//! Commands for people: what each takes away, and what stays.

use crate::support::{
    audit_log::AuditLog,
    browser::Browser,
    command::{Commands, Ended},
    page::Page,
    push_fixture::{PushFixture, continuing},
    relying_party::{Ask, Tokens},
    seed::PASSWORD,
    sign_in::{Answer, give_password, request},
    test_app::{HOME, TestApp},
};
use ::entity::{challenge, enums::ChallengeState};
use countersign::storage::Executor;
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

/// Everything that Alice was given, and a sign-in in progress.
struct Given {
    fixture: PushFixture,
    tokens: Tokens,
    unredeemed: (Ask, String),
    waiting: Page,
    waiting_browser: crate::support::browser::Browser,
    commands: Commands,
}

impl Given {
    async fn new() -> Self {
        let mut fixture = PushFixture::with_phone().await;
        let commands = Commands::at_the_same_time(&fixture.test_app);
        let ask = fixture.app.ask().await.with("scope", "openid offline_access");
        let page = fixture.sign_in(&ask).await;
        let page = fixture.approve(&page).await;
        let tokens = fixture.tokens(&ask, &page).await;
        let ask = fixture.app.ask().await.with("scope", "openid offline_access");
        let page = fixture.browser.go(&ask.address()).await;
        let unredeemed = (ask.clone(), fixture.app.receive(&ask, &page).expect("a code"));
        fixture.test_app.clock.advance(5);
        let mut waiting_browser = fixture.test_app.browser();
        let waiting = fixture.sign_in_with(&mut waiting_browser, &fixture.app.ask().await).await;
        assert_eq!(waiting.url.path(), "/signin/push", "{}", waiting.summary());
        Self { fixture, tokens, unredeemed, waiting, waiting_browser, commands }
    }

    async fn newest_challenge(&self) -> ChallengeState {
        let alice = self.fixture.test_app.seed.alice;
        let newest = challenge::Entity::find()
            .filter(challenge::Column::PersonId.eq(alice))
            .order_by_desc(challenge::Column::Id)
            .one(self.fixture.test_app.app.storage.connection())
            .await;
        newest.expect("an answer").expect("a challenge").state
    }

    async fn is_signed_in(&mut self) -> bool {
        let ask = self.fixture.app.ask().await.with("prompt", "none");
        let answer = Answer::of(&self.fixture.browser.go(&ask.address()).await);
        answer.error().is_empty()
    }

    async fn is_active(&self, token: &str) -> bool {
        self.fixture.app.introspect(token).await.expect("an answer")["active"] == true
    }

    /// Fails unless everything is as it was given.
    async fn assert_alive(&mut self) {
        assert!(self.is_signed_in().await);
        assert!(self.is_active(&self.tokens.access_token).await);
        assert!(self.fixture.app.userinfo(&self.tokens).await.is_ok());
        assert_eq!(self.newest_challenge().await, ChallengeState::Pending);
    }

    /// Fails if anything is left.
    async fn assert_ended(&mut self) {
        assert!(!self.is_signed_in().await, "the session");
        assert!(!self.is_active(&self.tokens.access_token).await, "the access token");
        let refresh_token = self.tokens.refresh_token.clone().expect("a refresh token");
        assert!(!self.is_active(&refresh_token).await, "the refresh token");
        let refused = self.fixture.app.userinfo(&self.tokens).await.expect_err("userinfo");
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        let refused = self.fixture.app.refresh(&self.tokens).await.expect_err("a refresh");
        assert_eq!(refused.error, "invalid_grant");
        let (ask, code) = &self.unredeemed;
        let refused = self.fixture.app.redeem(ask, code).await.expect_err("the code");
        assert_eq!(refused.error, "invalid_grant");
        assert_eq!(self.newest_challenge().await, ChallengeState::Superseded);
        let page = self.waiting_browser.send(continuing(&self.waiting)).await;
        assert!(Answer::seek(&page).is_none_or(|answer| !answer.error().is_empty()), "{}", page.summary());
        assert!(page.status != StatusCode::OK || page.url.path() != "/signin/push", "{}", page.summary());
    }
}

/// Whether Alice's password leads further at a new sign-in.
async fn password_opens(test_app: &TestApp, password: &str) -> bool {
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, "alice", password).await;
    page.url.path() != "/signin/password"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_person_loses_everything_and_an_enabled_one_gets_nothing_back() {
    let mut given = Given::new().await;
    given.assert_alive().await;
    let mut log = AuditLog::from_now(&given.fixture.test_app.app).await;
    assert_eq!(given.commands.json(&["person", "disable", "ALICE", "--yes"])["changed"], true);
    insta::assert_snapshot!(log.news(&given.fixture.test_app.app).await, @r#"
    challenge.superseded alice sign-in#4 {"reason":"cancelled"}
    person.disabled alice
    "#);
    given.assert_ended().await;
    assert!(!password_opens(&given.fixture.test_app, PASSWORD).await);
    assert_eq!(given.commands.json(&["person", "disable", "alice", "--yes"])["changed"], false);
    assert_eq!(given.commands.json(&["person", "show", "alice"])["state"], "disabled");

    assert_eq!(given.commands.json(&["person", "enable", "alice"])["changed"], true);
    given.assert_ended().await;
    assert!(password_opens(&given.fixture.test_app, PASSWORD).await);
    assert_eq!(given.commands.json(&["person", "show", "alice"])["state"], "active");
    let of_alice = given.fixture.phone.ask(http::Method::GET, "/device/v1/self", None).await;
    assert_eq!(of_alice.expect("her phone stays")["state"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_is_signed_out_loses_everything_and_signs_in_again() {
    let mut given = Given::new().await;
    given.assert_alive().await;
    let said = given.commands.done(&["person", "sign-out", "alice", "--yes"]).out;
    assert_eq!(said, "alice is signed out everywhere.\n");
    given.assert_ended().await;
    given.fixture.test_app.clock.advance(60);
    given.fixture.browser = given.fixture.test_app.browser();
    let (_, page) = given.fixture.begin_waiting().await;
    given.fixture.approve(&page).await;
    assert!(given.is_signed_in().await);
}

/// `countersign person set-password alice`.
fn set(commands: &Commands, more: &[&str], password: &str) -> Ended {
    commands.run(&[&["person", "set-password", "alice", "--json"][..], more].concat(), password)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_ends_everything_and_the_old_one_opens_nothing() {
    let mut given = Given::new().await;
    given.assert_alive().await;
    for (wrong, problem) in [("tiny", "too short"), ("alice@example.com", "contains your name")] {
        let refused = set(&given.commands, &[], wrong);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.errors.contains(problem) && !refused.errors.contains(wrong), "{refused:?}");
    }
    given.assert_alive().await;
    assert_eq!(set(&given.commands, &[], "a barn for nine owls\n").json()["must_change"], true);
    given.assert_ended().await;
    assert!(!password_opens(&given.fixture.test_app, PASSWORD).await);
    assert!(password_opens(&given.fixture.test_app, "a barn for nine owls").await);
    let person = given.commands.json(&["person", "show", "alice"]);
    assert!(person["password_must_change_at"].is_string(), "{person}");
    assert_eq!(person["devices"][0]["state"], "active", "{person}");
    assert_eq!(set(&given.commands, &["--permanent"], "a barn for ten owls\n").json()["must_change"], false);
    assert!(given.commands.json(&["person", "show", "alice"])["password_must_change_at"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_person_loses_everything_and_leaves_the_audit_events() {
    let mut given = Given::new().await;
    given.assert_alive().await;
    let test_app = &given.fixture.test_app;
    let alice = test_app.seed.alice;
    let events = async |test_app: &TestApp| {
        let of_alice = ::entity::audit_event::Column::PersonId.eq(alice);
        let found = ::entity::audit_event::Entity::find().filter(of_alice);
        found.count(test_app.app.storage.connection()).await.expect("a count")
    };
    let before = events(test_app).await;
    assert_eq!(given.commands.json(&["person", "delete", "alice", "--yes"])["deleted"], true);
    assert!(events(test_app).await > before);
    macro_rules! left {
        ($($table:ident)*) => {[$((
            stringify!($table),
            ::entity::$table::Entity::find()
                .filter(::entity::$table::Column::PersonId.eq(alice))
                .count(test_app.app.storage.connection()).await.expect("a count"),
        )),*]};
    }
    for (table, rows) in
        left!(grant browser_session challenge authenticator enrollment journey consent ticket)
    {
        assert_eq!(rows, 0, "{table}");
    }
    assert_eq!(given.commands.run(&["person", "show", "alice"], "").code, Some(1));
    assert!(!given.is_signed_in().await);
    assert!(!given.is_active(&given.tokens.access_token).await);
    assert_eq!(given.fixture.app.refresh(&given.tokens).await.expect_err("gone").error, "invalid_grant");
    let (ask, code) = &given.unredeemed;
    assert_eq!(given.fixture.app.redeem(ask, code).await.expect_err("gone").error, "invalid_grant");
    assert!(!password_opens(&given.fixture.test_app, PASSWORD).await);
    let gone = given.fixture.phone.ask(http::Method::GET, "/device/v1/self", None).await.expect_err("gone");
    assert_eq!(gone.code, "device_unknown");
    let exported = given.commands.done(&["audit", "export", "--person", &alice.to_string()]).json_lines();
    assert!(exported.iter().any(|event| event["code"] == "person.deleted"));
    // The name is free for another person.
    let again = given.commands.run(&["person", "add", "alice", "--json"], "a staple for horses");
    assert_ne!(again.json()["sub"], alice.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unlocked_person_may_try_again_at_once() {
    let test_app = TestApp::new().await;
    let commands = Commands::at_the_same_time(&test_app);
    let mut browser = test_app.browser();
    let mut page = browser.go(&request("quiet_app", &[])).await;
    for _ in 0..12 {
        page = give_password(&mut browser, &page, "grace", "wrong").await;
        test_app.clock.advance(60);
    }
    let show = || commands.json(&["person", "show", "grace", "--pool", "guests"]);
    test_app.clock.advance(-59);
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert!(page.text_of("error").is_some_and(|text| text.contains("Wait")), "{}", page.summary());
    let unlocked = commands.json(&["person", "unlock", "grace", "--pool", "guests"]);
    assert_eq!(unlocked["counters"], serde_json::json!(["password"]));
    Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await).code();
    assert_eq!(show()["locks"], serde_json::json!([]));
    let said = commands.done(&["person", "unlock", "grace", "--pool", "guests"]).out;
    assert_eq!(said, "Nothing kept grace out.\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unlocked_person_is_asked_on_the_phone_again() {
    let mut fixture = PushFixture::with_phone().await;
    let commands = Commands::at_the_same_time(&fixture.test_app);
    // Each report blocks the network of its sign-in.
    let from =
        |fixture: &PushFixture, address: &str| Browser::new(fixture.test_app.http_client_from(address), HOME);
    for address in ["198.51.100.1", "198.51.100.2", "198.51.100.3"] {
        fixture.browser = from(&fixture, address);
        let (_, page) = fixture.begin_waiting().await;
        fixture.answer(crate::support::phone::Act::Report("not_me")).await.expect("an answer");
        fixture.go_on(&page).await;
        fixture.test_app.clock.advance(1);
    }
    let unlocked = commands.json(&["person", "unlock", "alice"]);
    assert!(unlocked["requests"].as_u64().is_some_and(|requests| requests >= 1), "{unlocked}");
    assert_eq!(unlocked["was_muted"], true, "{unlocked}");
    fixture.browser = from(&fixture, "198.51.100.1");
    fixture.begin_waiting().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_listed_by_name_in_pages() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    let names = |arguments: &[&str]| -> Vec<String> {
        let listed = commands.done(&[&["person", "list", "--json"][..], arguments].concat()).json_lines();
        listed.iter().map(|person| person["username"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&[]), ["alice", "tom"]);
    assert_eq!(names(&["--pool", "guests"]), ["grace", "gus"]);
    assert_eq!(names(&["--limit", "1"]), ["alice"]);
    assert_eq!(names(&["--after", "Alice"]), ["tom"]);
    assert_eq!(names(&["--after", "tom"]), [] as [String; 0]);
    let shown = commands.done(&["person", "show", "tom"]).out;
    assert!(shown.contains("Username   tom\n") && shown.contains("totp  active"), "{shown}");
}

/// The application asks for consent, which the seed's `app` does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_consent_ends_the_tokens_and_is_asked_for_again() {
    let test_app = TestApp::new().await;
    let commands = Commands::at_the_same_time(&test_app);
    let (app, other) = (test_app.relying_party("app"), test_app.relying_party("quiet_app"));
    let mut browser = test_app.browser();
    let ask = app.ask().await.with("scope", "openid offline_access");
    let page = browser.go(&ask.address()).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    let page = browser.send(page.form("Allow").press("Allow")).await;
    let tokens = app.redeem(&ask, &app.receive(&ask, &page).expect("a code")).await.expect("tokens");
    let ask = other.ask().await.with("scope", "openid offline_access");
    let page = browser.go(&ask.address()).await;
    let kept = other.redeem(&ask, &other.receive(&ask, &page).expect("a code")).await.expect("tokens");
    let silent = async |browser: &mut Browser| {
        let ask = app.ask().await.with("scope", "openid").with("prompt", "none");
        Answer::of(&browser.go(&ask.address()).await).error().to_owned()
    };
    assert_eq!(silent(&mut browser).await, "");

    let mut log = AuditLog::from_now(&test_app.app).await;
    let of_guests = ["--pool", "guests"];
    let revoke = [&["person", "revoke-consent", "grace", "app", "--yes"][..], &of_guests].concat();
    assert_eq!(commands.json(&revoke)["changed"], true);
    insta::assert_snapshot!(log.news(&test_app.app).await, @"consent.revoked grace app");
    assert_eq!(app.refresh(&tokens).await.expect_err("ended").error, "invalid_grant");
    assert_eq!(app.userinfo(&tokens).await.expect_err("ended").status, StatusCode::UNAUTHORIZED);
    assert_eq!(silent(&mut browser).await, "consent_required");
    other.refresh(&kept).await.expect("another application keeps its tokens");
    assert_eq!(commands.json(&revoke)["changed"], false);
    let unknown = [&["person", "revoke-consent", "grace", "nobody", "--yes"][..], &of_guests].concat();
    assert!(commands.run(&unknown, "").errors.contains("no application with the client id nobody"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_with_one_line_ending_is_taken_without_it_and_other_control_characters_are_refused() {
    let test_app = TestApp::new().await;
    let commands = Commands::at_the_same_time(&test_app);
    for (given, is_taken) in [
        ("a staple for horses\r\n", true),
        ("a staple for horses\n", true),
        ("a staple for horses\n\n", false),
        ("a staple\tfor horses\n", false),
        ("a staple for horses\r\r\n", false),
    ] {
        let ended = commands.run(&["person", "set-password", "alice"], given);
        assert_eq!(ended.code == Some(0), is_taken, "{given:?}: {ended:?}");
        if is_taken {
            assert!(!password_opens(&test_app, PASSWORD).await, "{given:?}");
            assert!(password_opens(&test_app, "a staple for horses").await, "{given:?}");
        } else {
            assert!(ended.errors.contains("cannot be typed"), "{ended:?}");
        }
    }
    let refused = commands.run(&["person", "add", "zoe"], "a staple\rfor horses\n");
    assert!(refused.code != Some(0) && refused.errors.contains("cannot be typed"), "{refused:?}");
}
