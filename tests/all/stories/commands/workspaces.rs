//! `workspace add`: a further workspace, beside a running server.

use crate::support::{
    command::Commands,
    relying_party::{Authentication, Registration, RelyingParty},
    seed::REDIRECT_URI,
    token_fixture::TokenFixture,
};
use http::{Request, StatusCode};
use hyper::body::Bytes;
use serde_json::json;

const PASSWORD: &str = "a staple for horses";
const ISSUER: &str = "http://localhost:8080/w/acme";

#[tokio::test]
async fn a_workspace_is_added_once_and_served_at_once() {
    let fixture = TokenFixture::new().await;
    let (commands, http_client) = (Commands::beside(&fixture), fixture.http_client_from("192.0.2.1"));
    let status = async || {
        let request = Request::get(format!("{ISSUER}/.well-known/openid-configuration")).body(Bytes::new());
        http_client.send(request.expect("a request")).await.status()
    };
    assert_eq!(status().await, StatusCode::NOT_FOUND);
    let added = commands.json(&["workspace", "add", "acme", "--display-name", "Acme Ltd"]);
    assert_eq!((&added["workspace"], &added["issuer"]), (&json!("acme"), &json!(ISSUER)));
    assert_eq!(status().await, StatusCode::OK);

    let again = commands.run(&["workspace", "add", "acme"], "");
    assert_eq!((again.code, again.out.as_str()), (Some(1), ""), "{again:?}");
    assert!(again.errors.contains("there is a workspace named acme already"), "{again:?}");
    for slug in ["Acme", "2acme", "a_b", "a.b", "", &"a".repeat(64)] {
        let refused = commands.run(&["workspace", "add", slug], "");
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{refused:?}");
        assert!(refused.errors.contains("slug: "), "{refused:?}");
    }
    let listed = commands.done(&["workspace", "list", "--json"]).json_lines();
    let slugs: Vec<_> = listed.iter().map(|workspace| workspace["workspace"].clone()).collect();
    assert_eq!(slugs, [json!("acme"), json!("default")]);
    let events = commands.done(&["audit", "list", "--workspace", "acme", "--json"]).json_lines();
    assert_eq!((events.len(), &events[0]["code"]), (1, &json!("workspace.added")));
}

#[tokio::test]
async fn a_person_signs_in_to_an_application_of_an_added_workspace() {
    let fixture = TokenFixture::new().await;
    let commands = Commands::beside(&fixture);
    commands.done(&["workspace", "add", "acme"]);
    let within = ["--workspace", "acme"];
    commands.done(&[&["pool", "set", "people", "--second-factor", "when_asked"][..], &within].concat());
    let person = commands.run(&[&["person", "add", "alice"][..], &within].concat(), PASSWORD);
    assert_eq!(person.code, Some(0), "{person:?}");
    let client = ["client", "add", "--name", "Wiki", "--redirect-uri", REDIRECT_URI, "--implied-consent"];
    let client = commands.json(&[&client[..], &within].concat());
    assert_eq!(client["issuer"], ISSUER);
    let text = |name: &str| client[name].as_str().expect("text").to_owned();
    let registration = Registration {
        issuer: ISSUER.to_owned(),
        client_id: text("client_id"),
        client_secret: text("client_secret"),
        redirect_uri: REDIRECT_URI.to_owned(),
        authentication: Authentication::Basic,
    };
    let http_client = fixture.http_client_from("203.0.113.1");
    let wiki = RelyingParty::new(http_client, fixture.clock.clone(), registration);
    let (mut browser, ask) = (fixture.browser(), wiki.ask().await);
    let page = browser.go(&ask.address()).await;
    let page = browser.send(page.form("username").fill("username", "alice").submit()).await;
    let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    let code = wiki.receive(&ask, &page).expect("a code");
    let tokens = wiki.redeem(&ask, &code).await.expect("tokens");
    assert_eq!(tokens.claims["iss"], ISSUER);
    assert_ne!(tokens.claims["sub"], json!(fixture.seed.alice), "another person with the same name");
    assert!(commands.run(&["client", "show", &text("client_id")], "").code != Some(0), "unknown at the root");
}
