//! Commands for applications: what each takes away, at once and for good.

use crate::support::{
    audit_log::AuditLog,
    command::Commands,
    relying_party::{RelyingParty, Tokens},
    seed::{PASSWORD, SECRET},
    sign_in::{Answer, request},
    token_fixture::{TokenFixture, basic},
};
use countersign::storage::{clients, grants};
use http::StatusCode;
use serde_json::json;

/// What `shop` was given for Alice.
struct Given {
    fixture: TokenFixture,
    tokens: Tokens,
    unredeemed: (crate::support::relying_party::Ask, String),
}

impl Given {
    async fn new() -> Self {
        let fixture = TokenFixture::new().await;
        let tokens = fixture.tokens(&fixture.shop, "openid offline_access").await;
        let ask = fixture.relying_party(&fixture.shop).ask().await.with("scope", "openid offline_access");
        let code = fixture.code(&ask).await;
        Self { fixture, tokens, unredeemed: (ask, code) }
    }

    fn shop(&self) -> RelyingParty {
        self.fixture.relying_party(&self.fixture.shop)
    }

    async fn assert_alive(&self) {
        let shop = self.shop();
        assert_eq!(shop.introspect(&self.tokens.access_token).await.expect("an answer")["active"], true);
        let refresh_token = self.tokens.refresh_token.as_ref().expect("a refresh token");
        assert_eq!(shop.introspect(refresh_token).await.expect("an answer")["active"], true);
        assert!(shop.userinfo(&self.tokens).await.is_ok());
    }

    /// Fails if a token or code of a client that may authenticate is of any use.
    async fn assert_ended(&self) {
        let shop = self.shop();
        assert_eq!(shop.introspect(&self.tokens.access_token).await.expect("an answer")["active"], false);
        let refresh_token = self.tokens.refresh_token.as_ref().expect("a refresh token");
        assert_eq!(shop.introspect(refresh_token).await.expect("an answer")["active"], false);
        let refused = shop.userinfo(&self.tokens).await.expect_err("userinfo");
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(shop.refresh(&self.tokens).await.expect_err("a refresh").error, "invalid_grant");
        let (ask, code) = &self.unredeemed;
        assert_eq!(shop.redeem(ask, code).await.expect_err("the code").error, "invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_client_is_refused_at_the_next_request_and_gets_nothing_back() {
    let given = Given::new().await;
    given.assert_alive().await;
    let commands = Commands::beside(&given.fixture);
    let mut log = AuditLog::from_now(&given.fixture.app).await;
    assert_eq!(commands.json(&["client", "disable", "shop", "--yes"])["changed"], true);
    insta::assert_snapshot!(log.news(&given.fixture.app).await, @"client.disabled shop");
    let shop = given.shop();
    assert_eq!(shop.introspect(&given.tokens.access_token).await.expect_err("no").error, "invalid_client");
    assert_eq!(shop.refresh(&given.tokens).await.expect_err("no").error, "invalid_client");
    let (ask, code) = &given.unredeemed;
    assert_eq!(shop.redeem(ask, code).await.expect_err("no").error, "invalid_client");
    assert_eq!(shop.userinfo(&given.tokens).await.expect_err("no").status, StatusCode::UNAUTHORIZED);
    let page = given.fixture.browser().go(&ask.address()).await;
    assert_ne!(page.status, StatusCode::OK, "{}", page.summary());
    assert_eq!(commands.json(&["client", "disable", "shop", "--yes"])["changed"], false);

    assert_eq!(commands.json(&["client", "enable", "shop"])["changed"], true);
    given.assert_ended().await;
    let page = given.fixture.browser().go(&ask.address()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.summary());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabling_that_was_interrupted_is_finished_before_the_client_is_enabled() {
    let given = Given::new().await;
    given.fixture.disable_client(&given.fixture.shop).await;
    let commands = Commands::beside(&given.fixture);
    commands.done(&["client", "enable", "shop"]);
    given.assert_ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_a_pool_that_is_taken_away_lose_their_tokens_and_others_do_not() {
    let given = Given::new().await;
    let (fixture, shop) = (&given.fixture, given.shop());
    let commands = Commands::beside(fixture);
    commands.done(&["client", "set", "shop", "--pool", "people", "--pool", "guests"]);
    given.assert_alive().await;
    let ask = shop.ask().await.with("scope", "openid offline_access");
    let code = fixture.code_of(fixture.seed.grace, &ask).await;
    let of_grace = shop.redeem(&ask, &code).await.expect("tokens");
    let mut log = AuditLog::from_now(&fixture.app).await;
    let changed = commands.json(&["client", "set", "shop", "--pool", "guests", "--yes"]);
    assert_eq!(changed["changed"], json!(["pools"]));
    insta::assert_snapshot!(log.news(&fixture.app).await, @"client.changed shop");
    given.assert_ended().await;
    assert_eq!(shop.introspect(&of_grace.access_token).await.expect("an answer")["active"], true);
    let of_grace = shop.refresh(&of_grace).await.expect("hers stay");
    assert!(shop.userinfo(&of_grace).await.is_ok());

    commands.done(&["client", "set", "shop", "--pool", "people", "--pool", "guests"]);
    given.assert_ended().await;
    assert!(shop.userinfo(&of_grace).await.is_ok());
}

/// Each use judges by itself: here no row was ended.
#[tokio::test]
async fn a_pool_that_is_taken_away_is_judged_at_every_use_although_no_grant_has_ended() {
    let given = Given::new().await;
    let fixture = &given.fixture;
    let take = async |pools: Vec<_>| {
        let tx = fixture.app.storage.begin().await.expect("a transaction");
        let client = countersign::directory::Client { pools, ..fixture.shop.clone() };
        clients::save(&tx, &client).await.expect("saved");
        tx.commit().await.expect("committed");
    };
    given.assert_alive().await;
    take(vec![fixture.seed.guests]).await;
    let shop = given.shop();
    assert_eq!(shop.introspect(&given.tokens.access_token).await.expect("an answer")["active"], false);
    assert_eq!(shop.refresh(&given.tokens).await.expect_err("a refresh").error, "invalid_grant");
    assert_eq!(shop.userinfo(&given.tokens).await.expect_err("no").status, StatusCode::UNAUTHORIZED);
    let live = grants::list_live_of_client(&fixture.app.storage, fixture.shop.key, None, 10).await;
    assert_eq!(live.expect("a list").len(), 2, "no grant has ended");
    let (ask, code) = &given.unredeemed;
    assert_eq!(shop.redeem(ask, code).await.expect_err("the code").error, "invalid_grant");
    take(vec![fixture.seed.people]).await;
    given.assert_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_secret_ends_no_token_and_the_one_before_ends_when_it_was_said() {
    let given = Given::new().await;
    let (fixture, commands) = (&given.fixture, Commands::beside(&given.fixture));
    let authenticates = async |secret: &str| {
        let form = format!("token={}", given.tokens.access_token);
        let response = fixture.post("/introspect", &basic("shop", secret), &form).await;
        match response.status() {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => false,
            other => panic!("{other}"),
        }
    };
    assert!(authenticates(SECRET).await);
    let rotated = commands.json(&["client", "rotate-secret", "shop", "--yes"]);
    let second = rotated["client_secret"].as_str().expect("a secret").to_owned();
    assert!(authenticates(&second).await && !authenticates(SECRET).await);
    assert!(given.shop().userinfo(&given.tokens).await.is_ok(), "no token has ended");

    // The clock of the command is that of this machine.
    let ahead = fixture.now().0 - system_now();
    let overlap = (60 + ahead.max(0) / 1000).to_string();
    let rotated = commands.json(&["client", "rotate-secret", "shop", "--yes", "--overlap", &overlap]);
    let third = rotated["client_secret"].as_str().expect("a secret").to_owned();
    assert!(authenticates(&third).await && authenticates(&second).await && !authenticates(SECRET).await);
    fixture.clock.advance(61 + (-ahead).max(0) / 1000 + 60);
    assert!(authenticates(&third).await && !authenticates(&second).await);
}

fn system_now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().expect("after the epoch");
    i64::try_from(since.as_millis()).expect("a time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compromised_secret_ends_all_tokens_of_the_client_and_none_of_another() {
    let given = Given::new().await;
    let fixture = &given.fixture;
    let others = fixture.tokens(&fixture.second, "openid offline_access").await;
    let commands = Commands::beside(fixture);
    let both = ["client", "rotate-secret", "shop", "--yes", "--compromised", "--overlap", "60"];
    assert_eq!(commands.run(&both, "").code, Some(2), "an overlap contradicts it");
    let rotated = commands.json(&["client", "rotate-secret", "shop", "--yes", "--compromised"]);
    assert_eq!(rotated["compromised"], true);
    assert_eq!(given.shop().userinfo(&given.tokens).await.expect_err("no").status, StatusCode::UNAUTHORIZED);
    assert!(fixture.relying_party(&fixture.second).userinfo(&others).await.is_ok());
    let refused = commands.run(&["client", "rotate-secret", "public", "--yes"], "");
    assert_eq!(refused.code, Some(1));
    assert!(refused.errors.contains("it has no secret"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_client_is_unknown_and_a_sign_in_to_it_ends() {
    let given = Given::new().await;
    let (fixture, commands) = (&given.fixture, Commands::beside(&given.fixture));
    let mut browser = fixture.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    for client_id in ["shop", "quiet_app"] {
        assert_eq!(commands.json(&["client", "delete", client_id, "--yes"])["deleted"], true);
        assert_eq!(commands.run(&["client", "show", client_id], "").code, Some(1));
    }
    let shop = given.shop();
    assert_eq!(shop.introspect(&given.tokens.access_token).await.expect_err("no").error, "invalid_client");
    assert_eq!(shop.userinfo(&given.tokens).await.expect_err("no").status, StatusCode::UNAUTHORIZED);
    let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    assert!(page.status.is_client_error(), "{} {}", page.status, page.summary());
    assert!(Answer::seek(&page).is_none(), "{}", page.summary());
    let live = grants::list_live_of_client(&fixture.app.storage, fixture.shop.key, None, 10).await;
    assert_eq!(live.expect("a list"), []);
    let key = fixture.shop.key.to_string();
    let exported = commands.done(&["audit", "export", "--client", &key]).json_lines();
    assert_eq!(exported.last().expect("an event")["code"], "client.deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_names_of_this_server_are_refused_wherever_a_client_gets_a_name() {
    let fixture = TokenFixture::new().await;
    let commands = Commands::beside(&fixture);
    for name in ["Countersign account", "countersign-account", "COUNTERSIGN  Account (add a phone)"] {
        let add = ["client", "add", "--name", name, "--redirect-uri", "https://w.example/cb"];
        for arguments in [&add[..], &["client", "set", "shop", "--name", name]] {
            let refused = commands.run(arguments, "");
            assert_eq!(refused.code, Some(2), "{arguments:?}: {refused:?}");
            assert!(refused.errors.contains("this server itself appears"), "{refused:?}");
        }
    }
    commands.done(&["client", "set", "shop", "--name", "Accounts of Countersign"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_a_client_change_one_by_one_and_are_recorded() {
    let fixture = TokenFixture::new().await;
    let commands = Commands::beside(&fixture);
    let before = commands.json(&["client", "show", "shop"]);
    let set = ["client", "set", "shop", "--require-pkce", "yes", "--require-acr", "2fa", "--name", "Shop"];
    assert_eq!(commands.json(&set)["changed"], json!(["name", "pkce", "required_acr"]));
    assert_eq!(commands.json(&set)["changed"], json!([]));
    let after = commands.json(&["client", "show", "shop"]);
    assert_eq!(
        (&after["name"], &after["require_pkce"], &after["require_acr"]),
        (&json!("Shop"), &json!(true), &json!("2fa"))
    );
    assert_eq!(after["redirect_uris"], before["redirect_uris"]);
    commands.done(&["client", "set", "shop", "--require-acr", "none"]);
    assert!(commands.json(&["client", "show", "shop"])["require_acr"].is_null());
    let refused = commands.run(&["client", "set", "shop", "--redirect-uri", "http://w.example/cb"], "");
    assert_eq!(refused.code, Some(2));
    assert!(refused.errors.contains("use https"), "{refused:?}");
    let events =
        commands.done(&["audit", "export", "--client", "shop", "--code", "client.changed"]).json_lines();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["changes"]["required_acr"], json!({ "before": null, "after": "2fa" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_are_listed_by_client_id_in_pages() {
    let fixture = TokenFixture::new().await;
    let commands = Commands::beside(&fixture);
    let ids = |arguments: &[&str]| -> Vec<String> {
        let listed = commands.done(&[&["client", "list", "--json"][..], arguments].concat()).json_lines();
        listed.iter().map(|client| client["client_id"].as_str().expect("an id").to_owned()).collect()
    };
    let all = ids(&[]);
    assert_eq!(all.len(), 8, "{all:?}");
    assert_eq!(ids(&["--limit", "2"]), all[..2]);
    assert_eq!(ids(&["--after", &all[1]]), all[2..]);
}
