//! A use case checks by itself who acts: an interface that forgets the check changes nothing.

use crate::support::test_app::TestApp;
use countersign::{
    actions::{
        ActionError,
        clients::{self, NewClient},
        people::{self, NewPerson},
    },
    app::RequestContext,
    audit::Actor,
    directory::{ClientSettings, Pool},
    storage::{Executor, pools},
};
use sea_orm::{EntityTrait, PaginatorTrait};

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
