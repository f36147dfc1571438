//! One server, two workspaces, one browser: each workspace knows its own person, and neither learns of the other's.

use crate::support::{
    browser::Browser,
    page::Page,
    phone::{Act, Claim, Phone},
    push_fixture::{PushFixture, assert_waiting, state},
    relying_party::{RelyingParty, Tokens},
    second_workspace::{ISSUER, SecondWorkspace},
    seed::PASSWORD,
    test_app::{HOME, TestApp},
};
use serde_json::json;

/// Begins a sign-in at `app` with this name and the password; returns the next page.
async fn begin(browser: &mut Browser, address: &str, username: &str) -> Page {
    let page = browser.go(address).await;
    let page = browser.send(page.form("username").fill("username", username).submit()).await;
    browser.send(page.form("password").fill("password", PASSWORD).submit()).await
}

/// Signs in with the password alone.
async fn sign_in(browser: &mut Browser, app: &RelyingParty, username: &str) -> Tokens {
    let ask = app.ask().await;
    let page = begin(browser, &ask.address(), username).await;
    let code = app.receive(&ask, &page).expect("a code");
    app.redeem(&ask, &code).await.expect("tokens")
}

/// What `prompt=none` answers at `app`.
async fn silently(browser: &mut Browser, app: &RelyingParty) -> Result<String, String> {
    let ask = app.ask().await.with("prompt", "none");
    let page = browser.go(&ask.address()).await;
    app.receive(&ask, &page).map_err(|refused| refused.error)
}

#[tokio::test]
async fn a_browser_is_signed_in_to_two_workspaces_with_different_people() {
    let test_app = TestApp::new().await;
    let acme = SecondWorkspace::add(&test_app).await;
    let (at_root, at_acme) = (test_app.relying_party("quiet_app"), acme.relying_party(&test_app));
    let mut browser = test_app.browser();

    let first = sign_in(&mut browser, &at_root, "gus").await;
    assert_eq!(silently(&mut browser, &at_acme).await, Err("login_required".to_owned()));
    let second = sign_in(&mut browser, &at_acme, "grace").await;
    assert_eq!(first.claims["iss"], HOME);
    assert_eq!(second.claims["iss"], ISSUER);
    assert_eq!(first.claims["sub"], test_app.seed.gus.to_string());
    assert_eq!(second.claims["sub"], acme.grace.to_string());
    assert_ne!(first.claims["sid"], second.claims["sid"]);

    let accounts = [browser.go("/").await, browser.go("/w/acme/").await, browser.go("/w/acme").await];
    for (page, username) in accounts.iter().zip(["gus", "grace", "grace"]) {
        assert!(page.text.contains(username), "{}", page.summary());
    }
    assert!(!accounts[0].text.contains("grace") && !accounts[1].text.contains("gus"));

    let page = browser.go("/w/acme/signout").await;
    let page = browser.send(page.form("decision").press("allow")).await;
    assert_eq!(page.url.path(), "/w/acme/signout", "{}", page.summary());
    assert_eq!(silently(&mut browser, &at_acme).await, Err("login_required".to_owned()));
    assert!(silently(&mut browser, &at_root).await.is_ok(), "the other session goes on");
    assert!(browser.go("/").await.text.contains("gus"));
    assert_eq!(at_acme.introspect(&second.access_token).await.expect("an answer")["active"], false);
    assert_eq!(at_root.introspect(&first.access_token).await.expect("an answer")["active"], true);
}

/// Adds `phone` at the page of an enrollment; returns the next page.
async fn enroll(browser: &mut Browser, page: &Page, phone: &mut Phone) -> Page {
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let offer = phone.claim(&Claim::scan(&link)).await.expect("an offer");
    let code = phone.complete(&offer, &json!({"kind": "none"})).await.expect("a confirmation code");
    browser.send(page.form("confirmation").fill("confirmation", &code).press("Confirm")).await
}

/// Types the number of the page into the phone and continues the page.
async fn approve(browser: &mut Browser, page: &Page, phone: &mut Phone) -> Page {
    let open = phone.open_challenges().await.expect("a list");
    let challenge = phone.fetch(open.last().expect("an open request")).await.expect("its details");
    let number = page.text_of("number").expect("a number");
    assert_eq!(phone.answer(&challenge, Act::Approve(&number)).await.as_deref(), Ok("approved"));
    let forms = page.forms();
    let waiting =
        forms.into_iter().find(|form| form.action.path() == page.url.path() && form.has("decision"));
    browser.send(waiting.expect("a page that waits").submit()).await
}

#[tokio::test]
async fn two_people_with_one_name_approve_on_their_own_phones() {
    let mut fixture = PushFixture::new().await;
    let acme = SecondWorkspace::add(&fixture.test_app).await;
    let at_acme = acme.relying_party(&fixture.test_app);
    let mut phone = acme.phone(&fixture.test_app);

    let ask = at_acme.ask().await;
    let page = begin(&mut fixture.browser, &ask.address(), "alice").await;
    assert_eq!(page.url.path(), "/w/acme/signin/enroll", "{}", page.summary());
    let link = page.attribute("#enroll-link", "href").expect("a link");
    assert!(link.ends_with("/w/acme"), "{link}");
    assert!(page.text_of("activation-code").expect("a code").starts_with("acme/"));
    let elsewhere = fixture.phone.claim(&Claim::scan(&link)).await.expect_err("another workspace");
    assert_eq!(elsewhere.code, "enrollment_unknown");
    let page = enroll(&mut fixture.browser, &page, &mut phone).await;
    assert_eq!(page.url.path(), "/w/acme/signin/push", "{}", page.summary());
    assert_eq!(state(&page), "pending");

    // The other Alice, in the same browser.
    let root_ask = fixture.app.ask().await;
    let root_page = fixture.sign_in(&root_ask).await;
    assert_eq!(root_page.url.path(), "/signin/enroll", "{}", root_page.summary());
    let root_page = fixture.enroll(&root_page).await;
    assert_waiting(&root_page);
    let page = approve(&mut fixture.browser, &page, &mut phone).await;
    let code = at_acme.receive(&ask, &page).expect("a code");
    let tokens = at_acme.redeem(&ask, &code).await.expect("tokens");
    assert_eq!((&tokens.claims["sub"], &tokens.claims["acr"]), (&json!(acme.alice), &json!("2fa")));
    let root_page = fixture.approve(&root_page).await;
    let root_tokens = fixture.tokens(&root_ask, &root_page).await;
    assert_eq!(root_tokens.claims["sub"], json!(fixture.test_app.seed.alice));
    assert_eq!(phone.account.as_ref().expect("an account").issuer, ISSUER);
}
