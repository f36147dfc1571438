//! A second workspace of a test's server. It has the natural keys of the first one: the same usernames, passwords, pools
//! and applications.

use super::{
    browser::Browser,
    cookie_jar::CookieJar,
    phone::Phone,
    relying_party::{Authentication, Registration, RelyingParty},
    seed::{REDIRECT_URI, SECRET},
    test_app::{HOME, TestApp},
};
use countersign::{
    actions::workspaces::{self, NewWorkspace},
    app::Tenant,
    directory::{Client, Person, Pool, PoolPolicy, SecondFactorRule},
    http::cookies::Cookie,
    storage::{clients, people, pools},
};
use entity::ids::{ClientKey, PersonId, PoolId};
use http::{HeaderMap, header};
use sea_orm::prelude::Uuid;
use std::sync::Arc;
use url::Url;

/// Its slug.
pub const SLUG: &str = "acme";
/// Its issuer.
pub const ISSUER: &str = "http://localhost:8080/w/acme";

/// A second workspace.
pub struct SecondWorkspace {
    pub tenant: Arc<Tenant>,
    pub alice: PersonId,
    pub grace: PersonId,
    pub quiet_app: ClientKey,
}

impl SecondWorkspace {
    /// Adds it to the server of `test_app`.
    pub async fn add(test_app: &TestApp) -> Self {
        let (app, id) = (&test_app.app, |n: u128| Uuid::from_u128(0x5ec0_0000_0000 + n));
        let context = app.command_context().await.expect("a tenant");
        let new = NewWorkspace { slug: SLUG, display_name: "Acme", pool_name: "People" };
        let workspace = workspaces::add(app, &context, &new).await.expect("a workspace");
        let tenant = app.directory.with_slug(SLUG).await.expect("an answer").expect("the workspace");
        let second =
            Self { tenant, alice: PersonId(id(1)), grace: PersonId(id(2)), quiet_app: ClientKey(id(3)) };
        let people =
            pools::find_by_slug(&app.storage, workspace.id, "people").await.unwrap().expect("a pool");
        let guests = Pool {
            id: PoolId(id(4)),
            slug: "guests".to_owned(),
            display_name: "Guests".to_owned(),
            policy: PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() },
            ..people.clone()
        };
        let tx = app.storage.begin().await.expect("a transaction");
        let policy = PoolPolicy { second_factor: SecondFactorRule::Always, ..PoolPolicy::default() };
        pools::save(&tx, &Pool { policy, ..people.clone() }).await.expect("saved");
        pools::insert_pool(&tx, &guests, context.now).await.expect("a pool");
        for (own, pool, of_first) in
            [(second.alice, people.id, test_app.seed.alice), (second.grace, guests.id, test_app.seed.grace)]
        {
            let first = people::get(&tx, of_first).await.expect("a person");
            let person = Person { id: own, workspace_id: workspace.id, pool_id: pool, ..first };
            assert!(people::insert_person(&tx, &person, context.now).await.expect("a person"));
        }
        let first = clients::get(&tx, test_app.seed.quiet_app).await.expect("a client");
        let pools = vec![people.id, guests.id];
        let client = Client { key: second.quiet_app, workspace_id: workspace.id, pools, ..first };
        clients::insert_client(&tx, &client, context.now).await.expect("a client");
        tx.commit().await.expect("committed");
        second
    }

    /// The application `quiet_app` of this workspace.
    pub fn relying_party(&self, test_app: &TestApp) -> RelyingParty {
        let registration = Registration {
            issuer: ISSUER.to_owned(),
            client_id: "quiet_app".to_owned(),
            client_secret: SECRET.to_owned(),
            redirect_uri: REDIRECT_URI.to_owned(),
            authentication: Authentication::Basic,
        };
        RelyingParty::new(test_app.http_client_from("203.0.113.1"), test_app.clock.clone(), registration)
    }

    /// A phone without an account, for this workspace.
    pub fn phone(&self, test_app: &TestApp) -> Phone {
        Phone::new(test_app.http_client_from("198.51.100.1"), test_app.clock.clone(), ISSUER)
    }

    /// Gives `browser` the cookies that it has of the first workspace under the names of this one, as an attacker can in a
    /// browser of their own.
    pub async fn copy_cookies(&self, test_app: &TestApp, browser: &mut Browser) {
        let root = test_app.app.directory.root().await.expect("a tenant");
        let mut headers = HeaderMap::new();
        for cookie in [Cookie::Browser, Cookie::Session] {
            let Some(value) = browser.cookies.value(root.cookies.name(cookie)) else { continue };
            let line = format!("{}={value}; Path=/", self.tenant.cookies.name(cookie));
            headers.append(header::SET_COOKIE, line.parse().expect("a header"));
        }
        CookieJar::take(&mut browser.cookies, &Url::parse(HOME).expect("a URL"), &headers);
    }
}
