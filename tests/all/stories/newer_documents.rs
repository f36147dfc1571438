//! A node of this version meets documents that a newer node of the same server has written.
//!
//! The newer node is played by a member in the stored JSON that this version does not know.

use crate::support::{
    browser::Browser,
    fixture::Fixture,
    page::Page,
    sign_in::{code_of, give_code, give_password},
};
use ::entity::{authenticator, browser_session, client, grant, journey, outbox, person, pool};
use countersign::{clock::Clock, storage::Executor};
use http::StatusCode;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

const D8BA99A: &str = "d8ba99a";

/// Changes a JSON column of every row of a table.
macro_rules! edit {
    ($fixture:expr, $table:ident.$column:ident, $change:expr) => {{
        let connection = $fixture.app.storage.connection();
        let rows = $table::Entity::find().all(connection).await.expect("rows");
        assert!(!rows.is_empty(), "the fixture has no {}", stringify!($table));
        for row in rows {
            let mut document = json!(row.$column);
            $change(&mut document);
            let mut changed = row.into_active_model();
            changed.$column = Set(serde_json::from_value(document).expect("a document"));
            changed.update(connection).await.expect("it is saved");
        }
        $fixture.app.directory.forget();
    }};
}

/// Adds the member to the object at `pointer`, if there is one.
fn add(pointer: &'static str) -> impl Fn(&mut Value) {
    move |document| {
        if let Some(Value::Object(members)) = document.pointer_mut(pointer) {
            members.insert("newer".into(), json!({"a": 1}));
        }
    }
}

fn remove(pointer: &'static str) -> impl Fn(&mut Value) {
    move |document| {
        if let Some(Value::Object(members)) = document.pointer_mut(pointer) {
            members.remove("newer");
        }
    }
}

fn each(change: impl Fn(&mut Value)) -> impl Fn(&mut Value) {
    move |list| list.as_array_mut().into_iter().flatten().for_each(&change)
}

/// Signs Tom in with a new browser; the page after the code of his generator.
async fn sign_in(fixture: &Fixture) -> Page {
    let (mut browser, ask) = (fixture.browser(), fixture.relying_party("quiet_app").ask().await);
    let page = browser.go(&ask.address()).await;
    if page.status != StatusCode::OK {
        return page;
    }
    let page = browser.send(page.form("username").fill("username", "tom").submit()).await;
    if page.status != StatusCode::OK {
        return page;
    }
    let page = give_password(&mut browser, &page, "tom", fixture.text("password")).await;
    if page.status != StatusCode::OK {
        return page;
    }
    fixture.clock.advance(30);
    give_code(&mut browser, &page, &code_of(&fixture.generator_seed(), fixture.clock.now())).await
}

/// Asks for a code without a page, with Tom's session.
async fn silently(fixture: &Fixture, browser: &mut Browser) -> Result<String, String> {
    let party = fixture.relying_party("quiet_app");
    let ask = party.ask().await.with("prompt", "none").with("acr_values", "2fa");
    let page = browser.go(&ask.address()).await;
    let code = party.receive(&ask, &page).map_err(|refusal| refusal.error)?;
    let tokens = party.redeem(&ask, &code).await.expect("tokens");
    Ok(tokens.claims["acr"].as_str().expect("an acr").to_owned())
}

#[tokio::test]
async fn facts_of_a_newer_version_are_read_without_the_members_that_are_unknown() {
    let fixture = Fixture::open(D8BA99A).await;
    edit!(fixture, person.claims, add(""));
    edit!(fixture, browser_session.proofs, each(add("")));
    edit!(fixture, authenticator.app, add(""));
    edit!(fixture, authenticator.jwk, add(""));
    edit!(fixture, outbox.payload, add(""));
    edit!(fixture, grant.claims, add(""));
    for pointer in ["", "/journey", "/journey/subject", "/journey/subject/policy", "/journey/proofs/0"] {
        edit!(fixture, journey.state, add(pointer));
    }
    assert!(fixture.phone("alice").open_challenges().await.is_ok(), "her key is known");
    let (party, tokens) = fixture.tokens("with_claims");
    assert_eq!(party.userinfo(&tokens).await.expect("claims")["phone_number"], "+442071234567");
    let mut browser = fixture.browser_of(fixture.kept(["sessions", "tom"]));
    assert_eq!(silently(&fixture, &mut browser).await.as_deref(), Ok("2fa"));
    let mut open = fixture.resume("password_proved").await;
    fixture.clock.advance(30);
    let code = code_of(&fixture.generator_seed(), fixture.clock.now());
    let page = give_code(&mut open.browser, &open.page.clone(), &code).await;
    assert!(open.tokens(&page).await.claims["sub"].is_string());
}

#[tokio::test]
async fn a_proof_of_an_unknown_kind_does_not_count_and_the_others_do() {
    let fixture = Fixture::open(D8BA99A).await;
    edit!(
        fixture,
        browser_session.proofs,
        each(|proof: &mut Value| if proof["kind"] == "totp" {
            proof["kind"] = "palm".into();
        })
    );
    let mut browser = fixture.browser_of(fixture.kept(["sessions", "tom"]));
    let refused = silently(&fixture, &mut browser).await.expect_err("the second factor is not known");
    assert_eq!(refused, "login_required");
    let mut browser = fixture.browser_of(fixture.kept(["sessions", "alice"]));
    assert_eq!(silently(&fixture, &mut browser).await.as_deref(), Ok("2fa"));
}

#[tokio::test]
async fn a_sign_in_with_a_demand_that_is_unknown_begins_again() {
    for pointer in ["/journey/demand", "/request"] {
        let fixture = Fixture::open(D8BA99A).await;
        edit!(fixture, journey.state, add(pointer));
        let open = fixture.reload("password_proved").await;
        assert_eq!(open.page.status, StatusCode::GONE, "{pointer}: {}", open.page.summary());
        assert!(open.page.summary().contains("cannot be continued"), "{}", open.page.summary());
        edit!(fixture, journey.state, remove(pointer));
        fixture.resume("password_proved").await;
    }
}

#[tokio::test]
async fn a_pool_or_a_client_with_a_demand_that_is_unknown_is_unavailable() {
    let fixture = Fixture::open(D8BA99A).await;
    let page = sign_in(&fixture).await;
    assert!(page.departure.is_some(), "{}", page.summary());
    edit!(fixture, pool.policy, add("/push"));
    let page = sign_in(&fixture).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.summary());
    edit!(fixture, pool.policy, remove("/push"));
    let page = sign_in(&fixture).await;
    assert!(page.departure.is_some(), "{}", page.summary());
    edit!(fixture, client.settings, add(""));
    let page = sign_in(&fixture).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.summary());
}
