//! RFC 8252 §8.6: an installed app cannot prove what it is, so the person is asked at each authorization.

use crate::support::{
    browser::Browser,
    seed::PASSWORD,
    sign_in::{Answer, give_password, request},
    test_app::TestApp,
};
use ::entity::ids::ClientKey;
use countersign::{
    directory::{ClientSettings, ConsentRule},
    storage::clients,
};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Registers these addresses for a client.
async fn register(test_app: &TestApp, client: ClientKey, consent: ConsentRule, uris: &[&str]) {
    let redirect_uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
    let settings = ClientSettings { redirect_uris, consent, ..ClientSettings::default() };
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    clients::save_settings(&tx, client, &settings).await.expect("settings");
    tx.commit().await.expect("saved");
    test_app.app.directory.forget();
}

fn ask(client: &str, redirect_uri: &str, more: &[(&str, &str)]) -> String {
    let pkce = [
        ("redirect_uri", redirect_uri),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid offline_access"),
    ];
    request(client, &[&pkce[..], more].concat())
}

/// Signs Grace in and allows everything.
async fn allow(browser: &mut Browser, address: &str) {
    let page = browser.go(address).await;
    let page = give_password(browser, &page, "grace", PASSWORD).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    Answer::of(&browser.send(page.form("decision").press("allow")).await).code();
}

#[tokio::test]
async fn a_public_client_on_the_persons_device_is_asked_about_each_time() {
    let test_app = TestApp::new().await;
    let uris = ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:5001/cb", "com.example.app:/cb"];
    for consent in [ConsentRule::Required, ConsentRule::Implied] {
        register(&test_app, test_app.seed.public_app, consent, &uris).await;
        let mut browser = test_app.browser();
        allow(&mut browser, &ask("public_app", "http://127.0.0.1:5001/cb", &[])).await;
        for uri in ["http://127.0.0.1:6666/cb", "http://[::1]:1/cb", uris[2], uris[3]] {
            let page = browser.go(&ask("public_app", uri, &[])).await;
            assert_eq!(page.url.path(), "/consent", "{uri}: {}", page.summary());
            assert!(page.text.contains("value=\"allow\""), "{}", page.summary());
            let silent = Answer::of(&browser.go(&ask("public_app", uri, &[("prompt", "none")])).await);
            assert_eq!(silent.error(), "consent_required", "{uri}");
            Answer::of(&browser.send(page.form("decision").press("allow")).await).code();
        }
    }
}

#[tokio::test]
async fn other_clients_and_addresses_are_asked_about_once() {
    let test_app = TestApp::new().await;
    let (web, loopback) = ("https://app.example.com/cb", "http://127.0.0.1:5001/cb");
    register(&test_app, test_app.seed.public_app, ConsentRule::Required, &[web]).await;
    register(&test_app, test_app.seed.app, ConsentRule::Required, &[loopback]).await;
    for (client, uri) in [("public_app", web), ("app", loopback)] {
        let mut browser = test_app.browser();
        allow(&mut browser, &ask(client, uri, &[])).await;
        Answer::of(&browser.go(&ask(client, uri, &[])).await).code();
        Answer::of(&browser.go(&ask(client, uri, &[("prompt", "none")])).await).code();
    }
}
