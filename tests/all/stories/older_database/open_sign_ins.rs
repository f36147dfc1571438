//! A sign-in that was open at the upgrade ends in the browser that started it.

use super::{SCHEMAS, answer, approve, subject};
use crate::support::{
    fixture::{Fixture, OpenSignIn},
    page::Page,
    phone::{Act, Claim, Offer},
    push_fixture::{continuing, state},
    sign_in::{code_of, give_code, give_password},
};
use countersign::clock::Clock;
use serde_json::json;

/// Checks that the application gets tokens for the person of the sign-in.
async fn finish(fixture: &Fixture, sign_in: &OpenSignIn<'_>, page: &Page) {
    let tokens = sign_in.tokens(page).await;
    assert_eq!(tokens.claims["sub"], subject(fixture, sign_in.text("person")).await);
}

#[tokio::test]
async fn a_sign_in_goes_on_before_the_password() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        for (name, path) in [("begun", "/signin/identifier"), ("named", "/signin/password")] {
            let mut sign_in = fixture.resume(name).await;
            assert_eq!(sign_in.page.url.path(), path);
            let (page, person) = (sign_in.page.clone(), sign_in.text("person").to_owned());
            let page = give_password(&mut sign_in.browser, &page, &person, fixture.text("password")).await;
            finish(&fixture, &sign_in, &page).await;
        }
    }
}

#[tokio::test]
async fn a_sign_in_goes_on_after_the_password() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let mut sign_in = fixture.resume("password_proved").await;
        fixture.clock.advance(30); // the current code was used before the upgrade
        let code = code_of(&fixture.generator_seed(), fixture.clock.now());
        let page = sign_in.page.clone();
        let page = give_code(&mut sign_in.browser, &page, &code).await;
        finish(&fixture, &sign_in, &page).await;
    }
}

#[tokio::test]
async fn a_sign_in_goes_on_at_the_consent() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let mut sign_in = fixture.resume("consent").await;
        let page = sign_in.browser.send(sign_in.page.form("Allow").press("Allow")).await;
        finish(&fixture, &sign_in, &page).await;
    }
}

#[tokio::test]
async fn a_sign_in_goes_on_while_the_phone_is_asked() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        for (name, expected) in [("waiting", "pending"), ("delivered", "delivered")] {
            let mut sign_in = fixture.resume(name).await;
            assert_eq!(state(&sign_in.page), expected);
            assert_eq!(sign_in.page.text_of("number").as_deref(), Some(sign_in.text("number")));
            answer(&mut sign_in.phone(), Act::Approve(sign_in.text("number"))).await;
            let page = sign_in.browser.send(continuing(&sign_in.page)).await;
            finish(&fixture, &sign_in, &page).await;
        }
    }
}

#[tokio::test]
async fn a_sign_in_goes_on_after_the_approval() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let mut sign_in = fixture.resume("approved").await;
        assert_eq!(state(&sign_in.page), "approved");
        let page = sign_in.browser.send(continuing(&sign_in.page)).await;
        finish(&fixture, &sign_in, &page).await;
    }
}

#[tokio::test]
async fn an_enrollment_goes_on_at_every_step() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        for name in ["offered", "claimed", "completed"] {
            let mut sign_in = fixture.resume(name).await;
            assert_eq!(sign_in.page.attribute("#enroll-state", "data-state").as_deref(), Some(name));
            let (mut phone, offer) = match name {
                "offered" => {
                    let mut phone = fixture.new_phone();
                    let offer = phone.claim(&Claim::scan(sign_in.text("link"))).await.expect("an offer");
                    (phone.with_fingerprint_reader(), offer)
                }
                "claimed" => (sign_in.phone().with_fingerprint_reader(), kept_offer(&sign_in)),
                _ => (sign_in.phone(), kept_offer(&sign_in)),
            };
            let code = match name {
                "completed" => sign_in.text("confirmation_code").to_owned(),
                _ => phone.complete(&offer, &json!({"kind": "none"})).await.expect("a confirmation code"),
            };
            let form = sign_in.page.form("confirmation").fill("confirmation", &code);
            let page = sign_in.browser.send(form.press("Confirm")).await;
            let page = approve(&mut sign_in.browser, &page, &mut phone).await;
            finish(&fixture, &sign_in, &page).await;
        }
    }
}

/// The server's offer to the phone that has claimed.
fn kept_offer(sign_in: &OpenSignIn<'_>) -> Offer {
    let whole = sign_in.kept["offer"].clone();
    let text = |name: &str| whole[name].as_str().expect("a text").to_owned();
    Offer { enrollment: text("enrollment"), issuer: text("issuer"), whole }
}
