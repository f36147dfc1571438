//! The hourly clean-up on tables that have grown long: bounded slices, with room for other writes between
//! them.

use crate::support::{
    old_rows::{add_audit_events, add_family, add_journeys, insert_all},
    test_app::{TestApp, run_clean_up},
};
use ::entity::{
    access_token, answer_counter, audit_event, authenticator, authorization_code, grant,
    ids::AuthenticatorId, journey, refresh_token,
};
use countersign::{
    storage::{Executor, retention::SLICE_ROWS},
    workers::Workers,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use tokio::task::JoinSet;

const DAY: i64 = 24 * 3600;
/// Three full slices and one row.
const LONG: u64 = 3 * SLICE_ROWS + 1;

macro_rules! count {
    ($test_app:expr, $table:ident) => {
        $table::Entity::find().count($test_app.app.storage.connection()).await.expect("a count")
    };
}

/// Runs `nodes` rounds at once. Calls `at_pause` at each pause; returns the number of pauses.
async fn clean_up(test_app: &TestApp, nodes: usize, mut at_pause: impl AsyncFnMut(u64)) -> u64 {
    let begun = test_app.clock.sleeps();
    let mut rounds = JoinSet::new();
    for _ in 0..nodes {
        let app = test_app.app.clone();
        rounds.spawn(async move { run_clean_up(&app).await });
    }
    let mut pauses = 0;
    loop {
        tokio::select! {
            biased;
            () = test_app.clock.sleeps_reached(begun + pauses + 1) => {}
            done = rounds.join_next() => match done {
                Some(done) => { done.expect("no panic").expect("a round"); continue }
                None => return pauses,
            },
        }
        pauses += 1;
        at_pause(pauses).await;
        test_app.clock.advance(1);
    }
}

#[tokio::test]
async fn a_long_table_is_deleted_in_slices_and_a_write_goes_between_two_of_them() {
    let test_app = TestApp::keeping_audit_log(1).await;
    let start = test_app.app.now();
    add_audit_events(&test_app, LONG, start).await;
    test_app.clock.advance(2 * DAY);
    let young = test_app.app.now();
    let mut written = 0;
    let pauses = clean_up(&test_app, 1, async |pause| {
        let left = LONG - pause * SLICE_ROWS;
        assert_eq!(count!(test_app, audit_event), left + written, "one slice for each pause");
        // The clean-up sleeps and holds no transaction.
        add_audit_events(&test_app, 1, young).await;
        written += 1;
    })
    .await;
    assert_eq!(pauses, 3, "three full slices; the last row goes with a fourth transaction");
    assert_eq!(count!(test_app, audit_event), 3, "all that was old is gone, and all that is young is kept");
    let young = audit_event::Entity::find().filter(audit_event::Column::At.eq(young));
    assert_eq!(young.count(test_app.app.storage.connection()).await.unwrap(), 3);
}

#[tokio::test]
async fn a_long_table_does_not_hold_up_the_others() {
    let test_app = TestApp::keeping_audit_log(1).await;
    let start = test_app.app.now();
    add_audit_events(&test_app, 10 * SLICE_ROWS, start).await;
    add_journeys(&test_app, 2 * SLICE_ROWS, start).await;
    test_app.clock.advance(2 * DAY);
    let mut seen = Vec::new();
    clean_up(&test_app, 1, async |_| seen.push((count!(test_app, audit_event), count!(test_app, journey))))
        .await;
    let slices = |audit_event, journey| (audit_event * SLICE_ROWS, journey * SLICE_ROWS);
    assert_eq!(seen[..4], [slices(10, 1), slices(9, 1), slices(9, 0), slices(8, 0)]);
    assert_eq!((count!(test_app, audit_event), count!(test_app, journey)), (0, 0));
}

#[tokio::test]
async fn a_dead_grant_goes_without_a_cascade_over_its_tokens() {
    let test_app = TestApp::new().await;
    let now = test_app.app.now();
    let living = add_family(&test_app, LONG, now.plus_seconds(30 * DAY)).await;
    add_family(&test_app, LONG, now.plus_seconds(DAY)).await;
    test_app.clock.advance(2 * DAY);
    let (mut refresh_tokens, mut access_tokens) = (2 * LONG, 2 * LONG);
    let pauses = clean_up(&test_app, 1, async |_| {
        let (refresh, access) = (count!(test_app, refresh_token), count!(test_app, access_token));
        assert!(refresh_tokens - refresh <= SLICE_ROWS, "{refresh_tokens} {refresh}");
        // The expired tokens of a dead grant go by two tasks, one slice for each.
        assert!(access_tokens - access <= 2 * SLICE_ROWS, "{access_tokens} {access}");
        (refresh_tokens, access_tokens) = (refresh, access);
    })
    .await;
    assert!(pauses > 6, "{pauses}");
    let left = grant::Entity::find().all(test_app.app.storage.connection()).await.unwrap();
    assert_eq!(left.iter().map(|grant| grant.id).collect::<Vec<_>>(), [living], "it can still be used");
    assert_eq!(count!(test_app, authorization_code), 1);
    assert_eq!(count!(test_app, refresh_token), LONG, "a living family keeps its old tokens to know a thief");
    assert_eq!(count!(test_app, access_token), 0);
    let kept = refresh_token::Entity::find().filter(refresh_token::Column::AnswerSealed.is_not_null());
    assert_eq!(kept.count(test_app.app.storage.connection()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_revoked_device_goes_without_a_cascade_over_its_counters() {
    let test_app = TestApp::new().await;
    let now = test_app.app.now();
    let devices = authenticator::Entity::find().all(test_app.app.storage.connection()).await.unwrap();
    let device = devices.first().expect("Tom's generator").clone();
    let [revoked, active] = [1, 2].map(|number| AuthenticatorId(sea_orm::prelude::Uuid::from_u128(number)));
    let revoked_device = authenticator::Model { id: revoked, ended_at: Some(now), ..device.clone() };
    let active_device = authenticator::Model { id: active, ended_at: None, ..device };
    insert_all!(test_app, authenticator, [revoked_device, active_device].into_iter());
    for (id, count) in [(revoked, LONG), (active, 1_000 + LONG)] {
        let rows = (1..=count).map(|ctr| answer_counter::Model {
            authenticator_id: id,
            ctr: i64::try_from(ctr).unwrap(),
            digest: vec![1; 32],
        });
        insert_all!(test_app, answer_counter, rows);
    }
    test_app.clock.advance(91 * DAY);
    let mut counters = count!(test_app, answer_counter);
    clean_up(&test_app, 1, async |_| {
        let left = count!(test_app, answer_counter);
        assert!(counters - left <= 2 * SLICE_ROWS, "two tasks, one slice for each: {counters} {left}");
        counters = left;
    })
    .await;
    assert_eq!(count!(test_app, answer_counter), 1_000);
    let left =
        authenticator::Entity::find_by_id(revoked).one(test_app.app.storage.connection()).await.unwrap();
    assert_eq!(left, None);
    assert_eq!(count!(test_app, authenticator), devices.len() as u64 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_clean_up_the_same_tables_at_once() {
    let test_app = TestApp::keeping_audit_log(1).await;
    let now = test_app.app.now();
    add_audit_events(&test_app, LONG, now).await;
    add_journeys(&test_app, LONG, now).await;
    add_family(&test_app, LONG, now.plus_seconds(DAY)).await;
    test_app.clock.advance(2 * DAY);
    clean_up(&test_app, 2, async |_| {}).await;
    let left = [count!(test_app, audit_event), count!(test_app, journey), count!(test_app, refresh_token)];
    assert_eq!(left, [0; 3]);
    assert_eq!(count!(test_app, grant), 0);
}

#[tokio::test]
async fn a_shutdown_ends_the_clean_up_between_two_slices() {
    let test_app = TestApp::keeping_audit_log(1).await;
    let start = test_app.app.now();
    add_audit_events(&test_app, LONG, start).await;
    test_app.clock.advance(2 * DAY);
    let workers = Workers::start(&test_app.app).await.expect("they start");
    // The first round is a minute after the start. The clock stands still from then on, and the clean-up in
    // its pause.
    while count!(test_app, audit_event) == LONG {
        test_app.clock.advance(60);
        tokio::task::yield_now().await;
    }
    test_app.app.shutdown.request();
    workers.finished().await;
    let left = count!(test_app, audit_event);
    assert!(left > 0, "it did not go on to the end");
    add_audit_events(&test_app, 1, start).await;
    assert_eq!(count!(test_app, audit_event), left + 1, "no transaction was left open");
}
