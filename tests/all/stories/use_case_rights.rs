//! A use case checks by itself who acts: an interface that forgets the check changes nothing.

use crate::support::{push_fixture::PushFixture, test_app::TestApp, token_fixture::TokenFixture};
use ::entity::{enums::AuthenticatorState, ids::PersonId};
use countersign::{
    actions::{
        self, ActionError, Conflict,
        clients::{self, NewClient, Rotation},
        devices, expiry,
        people::{self, NewPerson},
        tokens::{self, TokenError},
    },
    app::RequestContext,
    audit::Actor,
    directory::{ClientSettings, Pool},
    protocol::{AccessToken, PresentedToken, RefreshToken, RefreshTokenRequest},
    storage::{Executor, authenticators, pools},
};
use sea_orm::{EntityTrait, PaginatorTrait, prelude::Uuid};

const BOB: NewPerson<'_> =
    NewPerson { username: "bob", name: "", email: "", password: "a staple for horses" };

/// The contexts of every actor but the host.
async fn contexts_without_right(test_app: &TestApp) -> Vec<RequestContext> {
    let context = test_app.app.command_context().await.expect("a tenant");
    let (alice, client) = (test_app.seed.alice, test_app.seed.app);
    [Actor::Anonymous, Actor::Person(alice), Actor::Client(client), Actor::System]
        .map(|actor| context.by(actor))
        .to_vec()
}

async fn pool(test_app: &TestApp) -> Pool {
    let pools = pools::list(&test_app.app.storage, test_app.seed.workspace).await.expect("a list");
    pools.into_iter().next().expect("a pool")
}

#[tokio::test]
async fn only_the_host_adds_people_and_clients() {
    let test_app = TestApp::new().await;
    let (app, pool) = (&test_app.app, pool(&test_app).await);
    let client = || NewClient {
        name: "Harbor".to_owned(),
        settings: ClientSettings::default(),
        pools: vec![pool.id],
        secret: None,
    };
    let count = async || {
        let connection = app.storage.connection();
        let people = ::entity::person::Entity::find().count(connection).await.expect("a count");
        let clients = ::entity::client::Entity::find().count(connection).await.expect("a count");
        let events = ::entity::audit_event::Entity::find().count(connection).await.expect("a count");
        (people, clients, events)
    };
    let before = count().await;
    for context in contexts_without_right(&test_app).await {
        let person = people::add(app, &context, &pool, &BOB).await;
        assert!(matches!(person, Err(ActionError::Forbidden)), "{:?}", context.actor);
        let added = clients::add(app, &context, client()).await;
        assert!(matches!(added, Err(ActionError::Forbidden)), "{:?}", context.actor);
    }
    assert_eq!(count().await, before);
    let context = app.command_context().await.expect("a tenant");
    people::add(app, &context, &pool, &BOB).await.expect("a person");
    clients::add(app, &context, client()).await.expect("a client");
    assert_eq!(count().await, (before.0 + 1, before.1 + 1, before.2 + 2));
}

#[tokio::test]
async fn only_the_host_resets_a_person_and_only_the_owner_removes_a_phone() {
    let fixture = PushFixture::with_phone().await;
    let (app, alice) = (&fixture.test_app.app, fixture.test_app.seed.alice);
    let devices = async || authenticators::list_not_revoked(&app.storage, alice).await.expect("a list");
    let [phone] = devices().await.try_into().expect("one phone");
    let host = app.command_context().await.expect("a tenant");
    for context in contexts_without_right(&fixture.test_app).await {
        let reset = people::reset_factors(app, &context, alice).await;
        assert!(matches!(reset, Err(ActionError::Forbidden)), "{:?}", context.actor);
    }
    let tom = fixture.test_app.seed.tom;
    for actor in [Actor::Anonymous, Actor::Person(tom), Actor::Host, Actor::System] {
        let removed = devices::remove(app, &host.by(actor), &phone).await;
        assert!(matches!(removed, Err(ActionError::Forbidden)), "{actor:?}");
    }
    let unknown = people::reset_factors(app, &host, PersonId(Uuid::from_u128(7))).await;
    assert!(matches!(unknown, Err(ActionError::NotFound)));
    assert!(matches!(devices().await[..], [ref kept] if kept.state() == AuthenticatorState::Active));
    devices::remove(app, &host.by(Actor::Person(alice)), &phone).await.expect("her own phone");
    assert_eq!(devices().await.len(), 0);
    assert_eq!(people::reset_factors(app, &host, alice).await.expect("a person").removed, 0);
}

/// The error of a use case that nobody but the host may perform.
fn is_forbidden<T>(result: Result<T, ActionError>) -> bool {
    matches!(result, Err(ActionError::Forbidden))
}

#[tokio::test]
async fn only_the_host_changes_people_clients_pools_and_the_workspace() {
    let test_app = TestApp::new().await;
    let (app, seed, pool) = (&test_app.app, &test_app.seed, pool(&test_app).await);
    let (alice, client) = (seed.alice, seed.app);
    let person =
        people::get(app, &app.directory.root().await.expect("a tenant"), alice).await.expect("Alice");
    let events = async || {
        ::entity::audit_event::Entity::find().count(app.storage.connection()).await.expect("a count")
    };
    let before = events().await;
    for context in &contexts_without_right(&test_app).await {
        let refused = [
            is_forbidden(people::disable(app, context, alice).await),
            is_forbidden(people::enable(app, context, alice).await),
            is_forbidden(people::sign_out(app, context, alice).await),
            is_forbidden(people::unlock(app, context, alice).await),
            is_forbidden(people::reset_push(app, context, alice).await),
            is_forbidden(people::remove_device(app, context, (seed.tom, seed.tom_generator)).await),
            is_forbidden(people::set_password(app, context, (&pool, &person), BOB.password, true).await),
            is_forbidden(people::delete(app, context, alice).await),
            is_forbidden(actions::consents::revoke(app, context, (alice, client)).await),
            is_forbidden(
                clients::change(app, context, client, |client| client.name = "Mine".to_owned()).await,
            ),
            is_forbidden(clients::rotate_secret(app, context, client, Rotation::Compromised).await),
            is_forbidden(clients::disable(app, context, client).await),
            is_forbidden(clients::enable(app, context, client).await),
            is_forbidden(clients::delete(app, context, client).await),
            is_forbidden(actions::pools::change(app, context, pool.id, |pool| pool.slug.clear()).await),
            is_forbidden(actions::workspaces::rename(app, context, "Mine").await),
        ];
        assert!(refused.iter().all(|refused| *refused), "{:?}: {refused:?}", context.actor);
    }
    assert_eq!(events().await, before);
    let host = app.command_context().await.expect("a tenant");
    people::disable(app, &host, alice).await.expect("disabled");
    clients::disable(app, &host, client).await.expect("disabled");
    actions::workspaces::rename(app, &host, "Northwind").await.expect("renamed");
    assert_eq!(events().await, before + 3);
}

#[tokio::test]
async fn only_the_server_itself_runs_the_clean_up() {
    let test_app = TestApp::new().await;
    let context = test_app.app.worker_context().await.expect("a tenant");
    for actor in [Actor::Anonymous, Actor::Person(test_app.seed.alice), Actor::Host] {
        let swept = expiry::sweep(&test_app.app, &context.by(actor)).await;
        assert!(matches!(swept, Err(ActionError::Forbidden)), "{actor:?}");
    }
    expiry::sweep(&test_app.app, &context).await.expect("a round");
}

#[tokio::test]
async fn only_its_owner_changes_a_phone() {
    let fixture = PushFixture::with_phone().await;
    let (app, alice) = (&fixture.test_app.app, fixture.test_app.seed.alice);
    let phone = async || {
        let devices = authenticators::list_not_revoked(&app.storage, alice).await.expect("a list");
        devices.into_iter().next().expect("a phone")
    };
    let (before, host) = (phone().await, app.command_context().await.expect("a tenant"));
    let renamed = || devices::Change { name: Some("Kitchen phone".to_owned()), persisted: None };
    for actor in [Actor::Anonymous, Actor::Person(fixture.test_app.seed.tom), Actor::Host, Actor::System] {
        let context = host.by(actor);
        let changed = devices::change(app, &context, &before, renamed()).await;
        assert!(matches!(changed, Err(ActionError::Forbidden)), "{actor:?}");
        let sent = devices::send_test_message(app, &context, &before).await;
        assert!(matches!(sent, Err(ActionError::Forbidden)), "{actor:?}");
    }
    assert_eq!(phone().await, before);
    let owner = host.by(Actor::Person(alice));
    devices::change(app, &owner, &before, renamed()).await.expect("her own phone");
    assert_eq!(phone().await.name(), "Kitchen phone");
    let sent = devices::send_test_message(app, &owner, &before).await;
    assert!(matches!(sent, Err(ActionError::Conflict(Conflict::NoTransport))), "it has no transport");
}

#[tokio::test]
async fn only_an_authenticated_client_changes_its_tokens() {
    let fixture = TokenFixture::new().await;
    let (app, shop) = (&fixture.app, &fixture.shop);
    let issued = fixture.tokens(shop, "openid offline_access").await;
    let text = issued.refresh_token.as_deref().expect("a refresh token");
    let refresh_token = RefreshToken::parse(text).expect("a refresh token");
    let request = RefreshTokenRequest { refresh_token, scopes: None };
    let token = PresentedToken::Access(AccessToken::parse(&issued.access_token).expect("an access token"));
    let host = app.command_context().await.expect("a tenant");
    let (alice, second) = (fixture.seed.alice, fixture.second.key);
    for actor in [Actor::Anonymous, Actor::Person(alice), Actor::Client(second), Actor::Host, Actor::System] {
        let context = host.by(actor);
        let refreshed = tokens::refresh(app, &context, shop, &request).await;
        assert!(matches!(refreshed, Err(TokenError::Failed(_))), "{actor:?}");
        let revoked = tokens::revoke(app, &context, shop, &token).await;
        assert!(matches!(revoked, Err(TokenError::Failed(_))), "{actor:?}");
    }
    assert!(fixture.relying_party(shop).userinfo(&issued).await.is_ok(), "nothing was revoked");
    let client = host.by(Actor::Client(shop.key));
    tokens::refresh(app, &client, shop, &request).await.expect("new tokens");
    tokens::revoke(app, &client, shop, &token).await.expect("its own token");
    assert!(fixture.relying_party(shop).userinfo(&issued).await.is_err());
}

#[tokio::test]
async fn a_client_that_cannot_be_registered_is_refused_whatever_the_interface_checked() {
    let test_app = TestApp::new().await;
    let context = test_app.app.command_context().await.expect("a tenant");
    let settings = ClientSettings {
        redirect_uris: vec!["http://harbor.example/cb".to_owned()],
        ..ClientSettings::default()
    };
    let new = NewClient { name: " ".to_owned(), settings, pools: Vec::new(), secret: None };
    match clients::add(&test_app.app, &context, new).await {
        Err(ActionError::Invalid(problems)) => {
            let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
            assert_eq!(fields, ["client_name", "redirect_uris"]);
        }
        other => panic!("{other:?}"),
    }
}
