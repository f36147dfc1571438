//! Tenants are isolated: an id, a token, a cookie, a cache or a key of one workspace is unknown in another, with the same
//! response as one that nobody ever made. Two workspaces have the same usernames, passwords and client ids.

use crate::support::{
    http_client::HttpClient,
    phone::Claim,
    push_fixture::PushFixture,
    relying_party::{Ask, RelyingParty},
    second_workspace::{ISSUER, SLUG, SecondWorkspace},
    seed::PASSWORD,
    sign_in::request,
    test_app::{HOME, TestApp, run_clean_up},
};
use ::entity::ids::{ChallengeId, EnrollmentId, JourneyId};
use countersign::{
    actions::{invitations, people::NewPerson, workspaces},
    http::urls::Path,
    storage::{
        audit::{self, AuditFilter, AuditOrder},
        pools,
    },
};
use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Bytes;
use sea_orm::prelude::Uuid;
use serde_json::json;
use std::sync::Arc;

/// Where a path is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Once, at the root.
    Installation,
    /// Below the issuer of every workspace.
    EveryWorkspace,
}

/// Every path has its place: a new one does not compile without.
fn place(path: Path) -> Place {
    match path {
        Path::Setup | Path::Authenticator | Path::Assets | Path::Livez | Path::Readyz | Path::Healthz => {
            Place::Installation
        }
        Path::Home
        | Path::Authorize
        | Path::Token
        | Path::Userinfo
        | Path::Introspect
        | Path::Revoke
        | Path::OpenidConfiguration
        | Path::AuthorizationServerMetadata
        | Path::Jwks
        | Path::Signin
        | Path::SigninIdentifier
        | Path::SigninPassword
        | Path::SigninNewPassword
        | Path::SigninInvitation
        | Path::SigninPush
        | Path::SigninPushSend
        | Path::SigninPushEvents
        | Path::SigninPushStatus
        | Path::SigninTotp
        | Path::SigninEnroll
        | Path::SigninEnrollEvents
        | Path::SigninEnrollStatus
        | Path::Consent
        | Path::Signout
        | Path::Device => Place::EveryWorkspace,
    }
}

/// Status and body of a response, without the id of the request.
type Seen = (u16, String);

async fn get(http_client: &HttpClient, path: &str) -> Seen {
    let request = Request::get(format!("{HOME}{path}")).header(header::ACCEPT, "text/html");
    seen(http_client.send(request.body(Bytes::new()).expect("a request")).await)
}

fn seen(response: Response<Bytes>) -> Seen {
    let id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
    let body = String::from_utf8(response.body().to_vec()).expect("text");
    (response.status().as_u16(), body.replace(&id, "…"))
}

#[tokio::test]
async fn every_path_exists_below_the_issuer_of_a_workspace_or_at_the_root_alone() {
    let test_app = TestApp::new().await;
    SecondWorkspace::add(&test_app).await;
    let http_client = test_app.http_client_from("192.0.2.1");
    let unknown = get(&http_client, "/nowhere").await;
    assert_eq!(unknown.0, 404);
    for path in Path::ALL {
        let (text, place) = (path.as_str(), place(*path));
        let below = get(&http_client, &format!("/w/{SLUG}{text}")).await;
        match place {
            Place::Installation => assert_eq!(below, unknown, "{text}"),
            // The operations of the device API are below it.
            Place::EveryWorkspace if *path == Path::Device => {}
            Place::EveryWorkspace => {
                assert_ne!(below.0, 404, "{text}");
                assert_ne!(get(&http_client, text).await.0, 404, "{text}");
            }
        }
        for slug in ["nobody", "default", "ACME", "%61cme", "", "acme%2F", "a.b"] {
            let refused = get(&http_client, &format!("/w/{slug}{text}")).await;
            assert_eq!(refused, unknown, "/w/{slug}{text}");
        }
        let twice = get(&http_client, &format!("/w/{SLUG}/w/{SLUG}{text}")).await;
        assert_eq!(twice, unknown, "/w/{SLUG}/w/{SLUG}{text}");
    }
    let device = get(&http_client, &format!("/w/{SLUG}/device/v1/self")).await;
    assert_eq!(device, get(&http_client, "/device/v1/self").await);
}

#[tokio::test]
async fn each_workspace_has_its_own_metadata_and_keys() {
    let test_app = TestApp::new().await;
    let acme = SecondWorkspace::add(&test_app).await.relying_party(&test_app);
    let root = test_app.relying_party("quiet_app");
    let (own, other) = (acme.metadata().await, root.metadata().await);
    for (name, value) in own.as_object().expect("an object") {
        let Some(url) = value.as_str().filter(|text| text.starts_with("http")) else {
            assert_eq!(value, &other[name], "{name}");
            continue;
        };
        assert!(url == ISSUER || url.starts_with(&format!("{ISSUER}/")), "{name}: {url}");
        assert_eq!(url.replacen(ISSUER, HOME, 1), other[name].as_str().expect("text"), "{name}");
    }
    assert_eq!(own.as_object().map(|all| all.len()), other.as_object().map(|all| all.len()));
    // RFC 8414 §3.1.
    let http_client = test_app.http_client_from("192.0.2.1");
    let inserted = get(&http_client, &format!("/.well-known/oauth-authorization-server/w/{SLUG}")).await;
    let appended = get(&http_client, &format!("/w/{SLUG}/.well-known/openid-configuration")).await;
    assert_eq!((inserted.0, &inserted), (200, &appended));
    let unknown = get(&http_client, "/.well-known/oauth-authorization-server/w/nobody").await;
    assert_eq!(unknown, get(&http_client, "/nowhere").await);
    let kids = |jwks: serde_json::Value| -> Vec<String> {
        jwks["keys"].as_array().expect("keys").iter().map(|key| key["kid"].to_string()).collect()
    };
    let (own, other) = (kids(acme.jwks().await), kids(root.jwks().await));
    assert_eq!((own.len(), own.iter().any(|kid| other.contains(kid))), (3, false));
}

/// Signs Grace in at `app`; returns the code.
async fn code(test_app: &TestApp, app: &RelyingParty) -> (Ask, String) {
    let (mut browser, ask) = (test_app.browser(), app.ask().await.with("scope", "openid offline_access"));
    let page = browser.go(&ask.address()).await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    let code = app.receive(&ask, &page).expect("a code");
    (ask, code)
}

#[tokio::test]
async fn a_code_of_one_workspace_is_unknown_in_another_and_stays_good() {
    let test_app = TestApp::new().await;
    let acme = SecondWorkspace::add(&test_app).await.relying_party(&test_app);
    let root = test_app.relying_party("quiet_app");
    for (owner, other) in [(&root, &acme), (&acme, &root)] {
        let (ask, code) = code(&test_app, owner).await;
        let foreign = other.redeem(&ask, &code).await.expect_err("a foreign code");
        let made_up = other.redeem(&ask, &format!("{}AAAA", &code[..code.len() - 4])).await;
        assert_eq!(foreign, made_up.expect_err("a code that nobody made"));
        assert_eq!(foreign.error, "invalid_grant");
        owner.redeem(&ask, &code).await.expect("the code is still good");
    }
}

#[tokio::test]
async fn tokens_of_one_workspace_are_unknown_in_another_and_stay_good() {
    let test_app = TestApp::new().await;
    let acme = SecondWorkspace::add(&test_app).await.relying_party(&test_app);
    let root = test_app.relying_party("quiet_app");
    for (owner, other) in [(&root, &acme), (&acme, &root)] {
        let (ask, code) = code(&test_app, owner).await;
        let tokens = owner.redeem(&ask, &code).await.expect("tokens");
        let refresh = tokens.refresh_token.clone().expect("a refresh token");
        let refused = other.userinfo(&tokens).await.expect_err("a foreign token");
        assert_eq!((refused.status, refused.error.as_str()), (StatusCode::UNAUTHORIZED, "invalid_token"));
        for token in [&tokens.access_token, &refresh] {
            let made_up = format!("{}AAAA", &token[..token.len() - 4]);
            let foreign = other.introspect(token).await.expect("an answer");
            assert_eq!(
                (&foreign, foreign == json!({"active": false})),
                (&other.introspect(&made_up).await.expect("an answer"), true)
            );
            assert_eq!(other.revoke(token).await, other.revoke(&made_up).await);
        }
        let fields = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];
        let foreign = other.token_request(&fields(&refresh)).await.expect_err("a foreign token");
        let made_up = format!("{}AAAA", &refresh[..refresh.len() - 4]);
        assert_eq!(foreign, other.token_request(&fields(&made_up)).await.expect_err("no token"));
        owner.userinfo(&tokens).await.expect("the access token is still good");
        owner.refresh(&tokens).await.expect("the refresh token is still good");
    }
}

#[tokio::test]
async fn a_session_and_a_sign_in_of_one_workspace_are_unknown_in_another_even_with_its_cookies() {
    let test_app = TestApp::new().await;
    let acme = SecondWorkspace::add(&test_app).await;
    let mut browser = test_app.browser();
    // A session, and a sign-in in progress that is stored.
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    let sealed = page.url.query().expect("a sealed request").to_owned();
    let page = browser.send(page.form("password").fill("password", "wrong").submit()).await;
    let stored = page.url.query().expect("the id of a sign-in").to_owned();
    assert!(sealed.starts_with("r=") && stored.starts_with("j=jrn_"), "{sealed} {stored}");
    acme.copy_cookies(&test_app, &mut browser).await;

    let home = browser.go("/w/acme/").await;
    assert!(browser.go("/").await.text.contains("grace"));
    assert!(!home.text.contains("grace"), "{}", home.summary());
    let random = JourneyId(Uuid::from_u128(1));
    let path = page.url.path().to_owned();
    let mut look = async |query: &str| {
        let page = browser.go(&format!("/w/acme{path}?{query}")).await;
        let id = page.header("x-request-id").to_owned();
        (page.status, page.text.replace(&id, "…"))
    };
    let unknown = look(&format!("j={random}")).await;
    assert_eq!(look(&stored).await, unknown);
    assert_eq!(look(&sealed).await, unknown);
    assert_eq!(
        browser.go(page.url.as_str()).await.status,
        StatusCode::OK,
        "the sign-in goes on where it began"
    );

    // The CSRF token of a page is bound to its workspace.
    let mut form = browser.go("/w/acme/signin").await.form("username").fill("username", "grace");
    let foreign = page.form("csrf").value("csrf").expect("a token").to_owned();
    assert_ne!(form.value("csrf"), Some(foreign.as_str()));
    form = form.forge("csrf", &foreign);
    assert_eq!(browser.send(form.submit()).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_hint_of_one_workspace_identifies_no_one_in_another() {
    let test_app = TestApp::new().await;
    let second = SecondWorkspace::add(&test_app).await;
    let (root, acme) = (test_app.relying_party("quiet_app"), second.relying_party(&test_app));
    let (ask, code) = code(&test_app, &root).await;
    let tokens = root.redeem(&ask, &code).await.expect("tokens");
    let ask = acme.ask().await.with("id_token_hint", &tokens.id_token);
    let page = test_app.browser().go(&ask.address()).await;
    let own = acme.ask().await.with("id_token_hint", "not.a.hint");
    let other = test_app.browser().go(&own.address()).await;
    assert_eq!((page.status, page.url.path()), (other.status, other.url.path()));
    assert_eq!(page.url.path(), "/w/acme/signin/identifier");
}

#[tokio::test]
async fn an_invitation_of_one_workspace_does_not_work_in_another() {
    let test_app = TestApp::new().await;
    SecondWorkspace::add(&test_app).await;
    let app = &test_app.app;
    let context = app.command_context().await.expect("a tenant");
    let guests = pools::get(&app.storage, test_app.seed.guests).await.expect("a pool");
    let new = NewPerson { username: "nina", name: "", email: "", password: "" };
    let (_, invitation) = invitations::invite(app, &context, &guests, &new).await.expect("an invitation");
    let mut browser = test_app.browser();
    let mut look = async |path: &str, token: &str| {
        let page = browser.go(&format!("{path}?token={token}")).await;
        let id = page.header("x-request-id").to_owned();
        (page.status, page.text.replace(&id, "…"))
    };
    let foreign = look("/w/acme/signin/invitation", invitation.token.as_str()).await;
    assert_eq!(foreign, look("/w/acme/signin/invitation", "made-up").await);
    assert_eq!(foreign.0, StatusCode::GONE);
    assert_eq!(look("/signin/invitation", invitation.token.as_str()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_device_and_what_was_sent_to_it_are_unknown_in_another_workspace() {
    let mut fixture = PushFixture::with_phone().await;
    let acme = SecondWorkspace::add(&fixture.test_app).await;
    fixture.begin_waiting().await;
    let cid = fixture.phone.open_challenges().await.expect("a list").pop().expect("a challenge");

    // The key of a device of the first workspace, at the second one.
    let mut moved = acme.phone(&fixture.test_app);
    let unknown = moved.ask(Method::GET, "/device/v1/self", None).await.expect_err("no device");
    std::mem::swap(&mut moved.key, &mut fixture.phone.key);
    let foreign = moved.ask(Method::GET, "/device/v1/self", None).await.expect_err("a foreign device");
    std::mem::swap(&mut moved.key, &mut fixture.phone.key);
    assert_eq!((foreign.status, &foreign.code), (unknown.status, &unknown.code));
    assert_eq!(foreign.code, "device_unknown");

    // A device of the second workspace asks for what is the first one's.
    let at_acme = acme.relying_party(&fixture.test_app);
    let mut browser = fixture.test_app.browser();
    let page = browser.go(&at_acme.ask().await.address()).await;
    let page = browser.send(page.form("username").fill("username", "alice").submit()).await;
    let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let offer = moved.claim(&Claim::scan(&link)).await.expect("an offer");
    let confirmation = moved.complete(&offer, &json!({"kind": "none"})).await.expect("a code");
    browser.send(page.form("confirmation").fill("confirmation", &confirmation).press("Confirm")).await;
    let random = ChallengeId(Uuid::from_u128(1)).to_string();
    let refusal = |problem: crate::support::phone::Problem| (problem.status, problem.code, problem.state);
    assert_eq!(
        moved.fetch(&cid).await.map_err(refusal).expect_err("a foreign challenge"),
        moved.fetch(&random).await.map_err(refusal).expect_err("no challenge")
    );
    assert_eq!(moved.open_challenges().await.expect("a list").len(), 1, "its own");
    let random = format!("/device/v1/enrollments/{}", EnrollmentId(Uuid::from_u128(1)));
    let foreign = format!("/device/v1/enrollments/{}", offer.enrollment);
    let mut stranger = fixture.test_app.phone();
    assert_eq!(
        stranger.ask(Method::GET, &foreign, None).await.map_err(refusal).expect_err("a foreign enrollment"),
        stranger.ask(Method::GET, &random, None).await.map_err(refusal).expect_err("no enrollment")
    );
    fixture.phone.fetch(&cid).await.expect("the challenge is there");
}

#[tokio::test]
async fn an_event_of_a_background_task_is_in_the_log_of_the_workspace_of_its_row() {
    let test_app = TestApp::new().await;
    let acme = SecondWorkspace::add(&test_app).await;
    let mut browser = test_app.browser();
    for app in [test_app.relying_party("quiet_app"), acme.relying_party(&test_app)] {
        let page = browser.go(&app.ask().await.address()).await;
        let page = browser.send(page.form("username").fill("username", "alice").submit()).await;
        let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
        assert!(page.url.path().ends_with("/signin/enroll"), "{}", page.summary());
    }
    test_app.clock.advance(601);
    run_clean_up(&test_app.app).await.expect("the clean-up");
    for workspace in [test_app.seed.workspace, acme.tenant.workspace.id] {
        let filter = AuditFilter { code: Some("enrollment.failed".to_owned()), ..AuditFilter::default() };
        let page = (None, 10);
        let found =
            audit::list_page(&test_app.app.storage, workspace, &filter, AuditOrder::NewestFirst, page);
        assert_eq!(found.await.expect("the log").len(), 1, "{workspace}");
    }
}

/// Types this name and a wrong password at `app`, in a new browser; returns the error on the page.
async fn wrong(test_app: &TestApp, app: &RelyingParty, username: &str) -> Option<String> {
    let mut browser = test_app.browser();
    let page = browser.go(&app.ask().await.address()).await;
    let page = browser.send(page.form("username").fill("username", username).submit()).await;
    browser.send(page.form("password").fill("password", "wrong").submit()).await.text_of("error")
}

#[tokio::test]
async fn a_locked_name_of_one_workspace_is_not_locked_in_another() {
    let test_app = TestApp::new().await;
    let acme = SecondWorkspace::add(&test_app).await.relying_party(&test_app);
    let root = test_app.relying_party("quiet_app");
    for (locks, other) in [(&acme, &root), (&root, &acme)] {
        for username in ["nobody", "grace"] {
            let first = wrong(&test_app, locks, username).await;
            let mut locked = first.clone();
            for _ in 0..10 {
                locked = wrong(&test_app, locks, username).await;
            }
            assert_ne!(locked, first, "{username} is locked");
            assert_eq!(wrong(&test_app, other, username).await, first, "{username} is not locked there");
        }
        test_app.clock.advance(24 * 3600);
    }
}

#[tokio::test]
async fn scripts_of_an_application_read_the_responses_of_their_own_workspace_only() {
    let test_app = TestApp::new().await;
    let app = &test_app.app;
    let context = app.command_context().await.expect("a tenant");
    let new = workspaces::NewWorkspace { slug: SLUG, display_name: "Acme", pool_name: "People" };
    workspaces::add(app, &context, &new).await.expect("a workspace");
    let http_client = test_app.http_client_from("192.0.2.1");
    let allowed = async |path: &str| {
        let request =
            Request::post(format!("{HOME}{path}")).header(header::ORIGIN, "https://app.example.com");
        let response = http_client.send(request.body(Bytes::new()).expect("a request")).await;
        response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    };
    assert!(allowed("/token").await && !allowed("/w/acme/token").await);
}

#[tokio::test]
async fn a_change_in_one_workspace_drops_what_is_cached_of_that_one_alone() {
    let test_app = TestApp::new().await;
    let second = SecondWorkspace::add(&test_app).await;
    // On PostgreSQL a node hears of its own changes once more, a moment later: those that made the workspaces may come
    // between the steps of one round, and of no later one.
    for _ in 0..20 {
        if changes_one_workspace(&test_app, &second).await {
            return;
        }
    }
    panic!("each change of one workspace has dropped what was cached of the other");
}

/// Changes one workspace, which must drop what is cached of it; returns whether what is cached of the other stayed.
async fn changes_one_workspace(test_app: &TestApp, second: &SecondWorkspace) -> bool {
    let app = &test_app.app;
    let root = app.directory.root().await.expect("a tenant");
    let acme = app.directory.with_slug(SLUG).await.expect("an answer").expect("a tenant");
    let (root_client, acme_client) = (
        root.directory.find_client("quiet_app").await.expect("an answer").expect("a client"),
        acme.directory.find_client("quiet_app").await.expect("an answer").expect("a client"),
    );
    let (root_keys, acme_keys) = (root.keys().await.expect("keys"), acme.keys().await.expect("keys"));
    assert_eq!((root_client.key, acme_client.key), (test_app.seed.quiet_app, second.quiet_app));

    let context = app.command_context_of(acme.clone());
    let name = format!("{} Ltd", acme.workspace.display_name);
    workspaces::rename(app, &context, &name).await.expect("renamed");

    let again = root.directory.find_client("quiet_app").await.expect("an answer").expect("a client");
    let has_stayed = Arc::ptr_eq(&root, &app.directory.root().await.expect("a tenant"))
        && Arc::ptr_eq(&again, &root_client)
        && Arc::ptr_eq(&root.keys().await.expect("keys"), &root_keys);
    let renamed = app.directory.with_slug(SLUG).await.expect("an answer").expect("a tenant");
    assert_eq!(renamed.workspace.display_name, name);
    let again = acme.directory.find_client("quiet_app").await.expect("an answer").expect("a client");
    assert!(!Arc::ptr_eq(&again, &acme_client), "a tenant that a request holds reads anew as well");
    assert!(!Arc::ptr_eq(&acme.keys().await.expect("keys"), &acme_keys));
    has_stayed
}
