//! What a command takes away from a person or a client with many tokens goes in slices, and other writes go between.

use crate::support::{
    old_rows::{add_audit_events, add_family, insert_all},
    test_app::TestApp,
    token_fixture::TokenFixture,
};
use ::entity::{access_token, authorization_code, grant, ids::GrantId, refresh_token};
use countersign::{
    actions::{ActionError, clients, people},
    storage::{Executor, retention::SLICE_ROWS},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use tokio::task::JoinHandle;

/// Two full slices and one row.
const LONG: u64 = 2 * SLICE_ROWS + 1;

macro_rules! count {
    ($test_app:expr, $table:ident) => {
        $table::Entity::find().count($test_app.app.storage.connection()).await.expect("a count")
    };
}

/// Waits for `work` to end. Calls `at_pause` at each of its pauses, in which it holds no transaction; returns their
/// number.
async fn with_pauses(
    test_app: &TestApp,
    begun: u64,
    mut work: JoinHandle<Result<(), ActionError>>,
    mut at_pause: impl AsyncFnMut(),
) -> u64 {
    let (mut pauses, mut next) = (0, begun + 1);
    loop {
        tokio::select! {
            biased;
            () = test_app.clock.sleeps_reached(next) => {}
            done = &mut work => {
                done.expect("no panic").expect("it is done");
                return pauses;
            }
        }
        pauses += 1;
        at_pause().await;
        // Requests sleep, too.
        next = test_app.clock.sleeps() + 1;
        test_app.clock.advance(1);
    }
}

#[tokio::test]
async fn a_person_or_a_client_with_many_tokens_is_deleted_in_slices() {
    for is_person in [true, false] {
        let test_app = TestApp::new().await;
        let (alice, client) = (test_app.seed.alice, test_app.seed.quiet_app);
        add_family(&test_app, LONG, test_app.app.now().plus_seconds(3600)).await;
        let begun = test_app.clock.sleeps();
        let app = test_app.app.clone();
        let work = tokio::spawn(async move {
            let host = app.command_context().await.expect("a tenant");
            match is_person {
                true => people::delete(&app, &host, alice).await,
                false => clients::delete(&app, &host, client).await,
            }
        });
        let mut left = (LONG, LONG);
        let pauses = with_pauses(&test_app, begun, work, async || {
            let now = (count!(test_app, access_token), count!(test_app, refresh_token));
            assert!(left.0 - now.0 + (left.1 - now.1) <= 2 * SLICE_ROWS, "{left:?} {now:?}");
            left = now;
            add_audit_events(&test_app, 1, test_app.app.now()).await;
        })
        .await;
        assert!(pauses > 4, "{pauses}");
        let left = [count!(test_app, grant), count!(test_app, access_token), count!(test_app, refresh_token)];
        assert_eq!((left, count!(test_app, authorization_code)), ([0; 3], 0));
    }
}

#[tokio::test]
async fn the_grants_of_a_disabled_client_end_in_slices_and_are_refused_from_the_first_moment() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, "openid offline_access").await;
    let second = fixture.relying_party(&fixture.second);
    let shop = fixture.relying_party(&fixture.shop);
    let first = grant::Entity::find().one(fixture.app.storage.connection()).await.expect("an answer");
    let first = first.expect("a grant");
    let rows = (0..LONG).map(|_| {
        let id = GrantId(fixture.app.entropy.id(fixture.app.now()));
        grant::Model { id, ..first.clone() }
    });
    insert_all!(fixture, grant, rows);
    let others = fixture.tokens(&fixture.second, "openid offline_access").await;
    let live = async || {
        let live = grant::Entity::find().filter(grant::Column::RevokedAt.is_null());
        live.count(fixture.app.storage.connection()).await.expect("a count")
    };
    let (begun, app, key) = (fixture.clock.sleeps(), fixture.app.clone(), fixture.shop.key);
    let work = tokio::spawn(async move {
        let host = app.command_context().await.expect("a tenant");
        clients::disable(&app, &host, key).await.map(drop)
    });
    let mut before = live().await;
    let pauses = with_pauses(&fixture, begun, work, async || {
        let now = live().await;
        assert!(before - now <= SLICE_ROWS, "{before} {now}");
        before = now;
        fixture.app.directory.forget();
        assert_eq!(shop.userinfo(&tokens).await.expect_err("refused").status, 401);
        second.userinfo(&others).await.expect("the tokens of the other client stay");
    })
    .await;
    assert_eq!((pauses, live().await), (2, 1), "the grant of the other client stays");
}
