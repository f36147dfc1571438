//! People, phones and applications continue after an upgrade: the newest program on a database of an earlier
//! version.
//!
//! The fixtures are made by `tests/fixtures/make`; every test starts the program on a copy of its own.

mod duties;
mod migrations;
mod open_sign_ins;
mod rows;

use crate::support::{
    browser::Browser,
    fixture::Fixture,
    page::Page,
    phone::{Act, Phone},
    push_fixture::{assert_waiting, continuing},
    relying_party::{RelyingParty, Tokens},
    sign_in::{code_of, give_code, give_password},
};
use countersign::{
    clock::Clock,
    storage::{people, pools, workspaces},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// The fixtures of earlier schemas, each by the commit that made it, the oldest first.
const SCHEMAS: [&str; 3] = ["d8ba99a", "43eee7b", "798e470"];

/// A new sign-in of `person` at the client that asks for no consent; the page after the password.
async fn sign_in(fixture: &Fixture, browser: &mut Browser, person: &str) -> (SignIn, Page) {
    let party = fixture.relying_party("quiet_app");
    let ask = party.ask().await;
    let page = browser.go(&ask.address()).await;
    let page = give_password(browser, &page, person, fixture.text("password")).await;
    (SignIn { party, ask }, page)
}

struct SignIn {
    party: RelyingParty,
    ask: crate::support::relying_party::Ask,
}

impl SignIn {
    async fn tokens(&self, page: &Page) -> Tokens {
        let code = self.party.receive(&self.ask, page).expect("a code");
        self.party.redeem(&self.ask, &code).await.expect("tokens")
    }
}

/// The phone answers the newest request.
async fn answer(phone: &mut Phone, act: Act<'_>) {
    let open = phone.open_challenges().await.expect("a list");
    let challenge = phone.fetch(open.last().expect("an open request")).await.expect("its details");
    assert_eq!(phone.answer(&challenge, act).await.as_deref(), Ok("approved"));
}

/// Types the number of the page into the phone; the page after that.
async fn approve(browser: &mut Browser, page: &Page, phone: &mut Phone) -> Page {
    assert_waiting(page);
    answer(phone, Act::Approve(&page.text_of("number").expect("a number"))).await;
    browser.send(continuing(page)).await
}

/// The `sub` of a person of the first pool, or of the guests.
async fn subject(fixture: &Fixture, username: &str) -> Value {
    let storage = &fixture.app.storage;
    let workspace = workspaces::find_by_slug(storage, "default").await.expect("an answer").expect("it");
    for pool in pools::list(storage, workspace.id).await.expect("pools") {
        let found = people::find_by_username(storage, pool.id, username).await.expect("an answer");
        if let Some(person) = found {
            return person.id.to_string().into();
        }
    }
    panic!("the fixture has no person named {username}");
}

#[tokio::test]
async fn people_sign_in_with_the_phones_that_they_had() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        // So that the newest request is not of the same instant as those of the fixture.
        fixture.clock.advance(1);
        for (person, amr) in [
            ("alice", json!(["pwd", "pop", "swk", "user", "mfa"])),
            ("bea", json!(["pwd", "pop", "swk", "user", "mfa"])),
        ] {
            let (mut browser, mut phone) = (fixture.browser(), fixture.phone(person));
            let (sign_in, page) = sign_in(&fixture, &mut browser, person).await;
            let page = approve(&mut browser, &page, &mut phone).await;
            let claims = sign_in.tokens(&page).await.claims;
            assert_eq!((&claims["sub"], &claims["amr"]), (&subject(&fixture, person).await, &amr));
        }
    }
}

#[tokio::test]
async fn people_sign_in_with_a_scanned_code() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        fixture.clock.advance(1);
        let (mut browser, mut phone) = (fixture.browser(), fixture.phone("bea"));
        let (sign_in, page) = sign_in(&fixture, &mut browser, "bea").await;
        let shown = browser.go(page.link("Show QR code instead").expect("a way to the code").as_str()).await;
        let code = shown.attribute("#push-qr", "data-text").expect("a code");
        answer(&mut phone, Act::Scan(&code)).await;
        let page = browser.send(continuing(&shown)).await;
        assert_eq!(sign_in.tokens(&page).await.claims["sub"], subject(&fixture, "bea").await);
    }
}

#[tokio::test]
async fn people_sign_in_with_the_codes_that_they_had() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        fixture.clock.advance(30);
        let seed = fixture.generator_seed();
        let generator = code_of(&seed, fixture.clock.now());
        for (person, code) in [("tom", generator), ("alice", fixture.phone("alice").totp_code())] {
            let mut browser = fixture.browser();
            let (sign_in, page) = sign_in(&fixture, &mut browser, person).await;
            let page = crate::support::sign_in::to_code(&mut browser, &page).await;
            let page = give_code(&mut browser, &page, &code).await;
            let claims = sign_in.tokens(&page).await.claims;
            assert_eq!(
                (&claims["sub"], &claims["amr"]),
                (&subject(&fixture, person).await, &json!(["pwd", "otp", "mfa"]))
            );
        }
    }
}

#[tokio::test]
async fn a_session_lives_on() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        for (person, acr) in
            [("alice", "2fa"), ("bea", "2fa"), ("hugo", "2fa"), ("tom", "2fa"), ("gus", "1fa")]
        {
            let kept = fixture.kept(["sessions", person]);
            let mut browser = fixture.browser_of(kept);
            let party = fixture.relying_party("quiet_app");
            let ask = party.ask().await.with("prompt", "none");
            let page = browser.go(&ask.address()).await;
            let claims = (SignIn { party, ask }).tokens(&page).await.claims;
            assert_eq!(claims["sub"], subject(&fixture, person).await);
            assert_eq!((&claims["auth_time"], &claims["acr"]), (&kept["at"], &acr.into()), "{person}");
        }
        let party = fixture.relying_party("quiet_app");
        let ask = party.ask().await.with("prompt", "none");
        let page = fixture.browser().go(&ask.address()).await;
        assert_eq!(party.receive(&ask, &page).expect_err("no session").error, "login_required");
    }
}

#[tokio::test]
async fn a_grant_lives_on_and_a_revoked_one_stays_revoked() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        for name in ["online", "offline"] {
            let (party, tokens) = fixture.tokens(name);
            assert_eq!(
                party.introspect(&tokens.access_token).await.expect("an answer")["active"],
                true,
                "{name}"
            );
            let fresh = party.refresh(&tokens).await.expect("new tokens");
            assert!(party.userinfo(&fresh).await.is_ok(), "{name}");
        }
        let (party, tokens) = fixture.tokens("revoked");
        assert_eq!(party.refresh(&tokens).await.expect_err("revoked").error, "invalid_grant");
        assert_eq!(party.introspect(&tokens.access_token).await.expect("an answer")["active"], false);
    }
}

#[tokio::test]
async fn a_grant_keeps_the_claims_that_were_asked_for() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let (party, tokens) = fixture.tokens("with_claims");
        assert_eq!(tokens.claims["nickname"], "Countess");
        assert_eq!(party.userinfo(&tokens).await.expect("claims")["phone_number"], "+442071234567");
    }
}

#[tokio::test]
async fn a_code_that_was_not_redeemed_is_redeemed_once() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let kept = &fixture.whole()["code"];
        let party = fixture.relying_party(kept["client_id"].as_str().expect("a client"));
        let (ask, code) = (party.kept_ask(&kept["ask"]).await, kept["code"].as_str().expect("a code"));
        let tokens = party.redeem(&ask, code).await.expect("tokens");
        assert_eq!(tokens.claims["sub"], subject(&fixture, "alice").await);
        assert_eq!(party.redeem(&ask, code).await.expect_err("the second time").error, "invalid_grant");
    }
}

#[tokio::test]
async fn a_consent_is_remembered() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let party = fixture.relying_party("app");
        let (mut browser, ask) = (fixture.browser_of(fixture.kept(["sessions", "alice"])), party.ask().await);
        let page = browser.go(&ask.address()).await;
        assert!(party.receive(&ask, &page).is_ok(), "{}", page.summary());
        let (mut browser, ask) = (fixture.browser_of(fixture.kept(["sessions", "gus"])), party.ask().await);
        let page = browser.go(&ask.address()).await;
        assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    }
}

#[tokio::test]
async fn a_phone_stays_what_it_was() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        for (person, expected) in [
            ("alice", None),
            ("bea", None),
            ("hugo", None),
            ("carl", Some((StatusCode::FORBIDDEN, "device_not_active", Some("suspended")))),
            ("dora", Some((StatusCode::UNAUTHORIZED, "device_revoked", None))),
            ("gina", Some((StatusCode::UNAUTHORIZED, "device_revoked", None))),
            ("erin", Some((StatusCode::FORBIDDEN, "device_not_active", Some("pending_confirm")))),
        ] {
            let mut phone = fixture.phone(person);
            let problem = phone.open_challenges().await.err();
            let problem = problem
                .as_ref()
                .map(|problem| (problem.status, problem.code.as_str(), problem.state.as_deref()));
            assert_eq!(problem, expected, "{person}");
        }
        let device =
            fixture.phone("bea").ask(Method::GET, "/device/v1/self", None).await.expect("Bea's phone");
        assert_eq!(device["transport"]["kind"], "webpush");
        let passkey = &fixture.kept(["phones", "bea"])["passkey"];
        assert_eq!(device["uv_credential"]["id"], passkey["id"]);
    }
}

#[tokio::test]
async fn a_disabled_client_and_a_disabled_person_stay_disabled() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let mut browser = fixture.browser();
        let ask = fixture.relying_party("second_app").ask().await;
        let page = browser.go(&ask.address()).await;
        assert_eq!(
            (page.status, page.departure.is_none()),
            (StatusCode::BAD_REQUEST, true),
            "{}",
            page.summary()
        );
        let (_, page) = sign_in(&fixture, &mut browser, "ivan").await;
        assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    }
}
