//! A house that is lived in for weeks: what use leaves behind goes away, in every table.

use crate::house::{
    house::House,
    push_desk::PushDesk,
    relying_party::{Ask, Tokens},
    sign_in::{Answer, give_password, request},
};
use ::entity::{
    access_token, answer_counter, attempt_counter, audit_event, authenticator, authorization_code,
    browser_session, challenge, challenge_device, enrollment, grant, journey, outbox, refresh_token,
    transport,
};
use countersign::storage::{Executor, retention::delete_audit_events_before};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use std::collections::BTreeMap;

const DAY: i64 = 24 * 3600;

type Counts = BTreeMap<&'static str, u64>;

/// How many rows each table has that grows with use.
async fn counts(house: &House) -> Counts {
    let mut counts = Counts::new();
    macro_rules! count {
        ($($table:ident)*) => {
            $(
                let rows = $table::Entity::find().count(house.app.storage.connection()).await;
                counts.insert(stringify!($table), rows.expect("a count"));
            )*
        };
    }
    count!(access_token answer_counter attempt_counter authenticator authorization_code browser_session
        challenge challenge_device enrollment grant journey outbox refresh_token transport);
    counts
}

/// One day: an approval, a request that nobody answers, a sign-in that goes nowhere, and a refresh.
async fn day(desk: &mut PushDesk, lasting: Tokens) -> Tokens {
    desk.browser = desk.house.browser();
    let (ask, page) = desk.begin_waiting().await;
    let page = desk.approve(&page).await;
    desk.tokens(&ask, &page).await;
    pass(desk, DAY / 3).await;
    desk.browser = desk.house.browser();
    desk.begin_waiting().await;
    let mut stranger = desk.house.browser();
    let page = stranger.go(&request("quiet_app", &[])).await;
    give_password(&mut stranger, &page, "grace", "wrong").await;
    pass(desk, DAY / 3).await;
    let tokens = desk.app.refresh(&lasting).await.expect("it lasts");
    pass(desk, DAY / 3).await;
    tokens
}

async fn pass(desk: &PushDesk, seconds: i64) {
    desk.house.clock.advance(seconds);
    desk.house.app.sweep().await.expect("a round");
}

/// A sign-in whose tokens outlive it.
async fn lasting(desk: &mut PushDesk) -> Tokens {
    let ask: Ask = desk.app.ask().await.with("scope", "openid offline_access");
    let page = desk.sign_in(&ask).await;
    let page = desk.approve(&page).await;
    desk.tokens(&ask, &page).await
}

#[tokio::test]
async fn what_use_leaves_behind_goes_away() {
    let mut desk = PushDesk::with_phone().await;
    let mut tokens = lasting(&mut desk).await;
    for _ in 0..10 {
        tokens = day(&mut desk, tokens).await;
    }
    let before = counts(&desk.house).await;
    for _ in 0..14 {
        tokens = day(&mut desk, tokens).await;
    }
    let mut after = counts(&desk.house).await;
    // A family keeps its old tokens to know a thief, and a device its last counters to know its double.
    for (kept, most) in [("refresh_token", 14), ("answer_counter", 14)] {
        assert!(after[kept] <= before[kept] + most, "{kept}: {before:?} {after:?}");
        after.insert(kept, before[kept]);
    }
    assert_eq!(before, after, "two more weeks like the first leave no more behind");

    for _ in 0..100 {
        pass(&desk, DAY).await;
    }
    let left: Counts = counts(&desk.house).await.into_iter().filter(|(_, rows)| *rows > 0).collect();
    // Tom's generator and Alice's phone are still theirs.
    assert_eq!(left.keys().copied().collect::<Vec<_>>(), ["answer_counter", "authenticator", "transport"]);
    assert_eq!(left["authenticator"], 2);
}

#[tokio::test]
async fn a_phone_that_was_removed_is_forgotten_in_the_end() {
    let mut desk = PushDesk::with_phone().await;
    desk.phone.ask(http::Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let known = counts(&desk.house).await["authenticator"];
    pass(&desk, 89 * DAY).await;
    assert_eq!(
        counts(&desk.house).await["authenticator"],
        known,
        "opened now, it learns that it was removed"
    );
    pass(&desk, 2 * DAY).await;
    let after = counts(&desk.house).await;
    assert_eq!((after["authenticator"], after["answer_counter"]), (known - 1, 0));
}

#[tokio::test]
async fn a_device_keeps_its_last_thousand_counters() {
    let desk = PushDesk::with_phone().await;
    let storage = &desk.house.app.storage;
    let counter = answer_counter::Entity::find().one(storage.connection()).await.expect("an answer");
    let counter = counter.expect("the phone has answered once");
    for ahead in [999, 1_000] {
        let row = answer_counter::Model { ctr: counter.ctr + ahead, ..counter.clone() };
        let row = row.into_active_model().reset_all();
        answer_counter::Entity::insert(row)
            .exec_without_returning(storage.connection())
            .await
            .expect("a row");
        desk.house.app.sweep().await.expect("a round");
        let kept = answer_counter::Entity::find_by_id((counter.authenticator_id, counter.ctr));
        let kept = kept.one(storage.connection()).await.expect("an answer");
        assert_eq!(kept.is_some(), ahead < 1_000, "{ahead}");
    }
}

#[tokio::test]
async fn the_trail_is_kept_for_as_long_as_the_operator_says() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    Answer::of(&give_password(&mut browser, &page, "grace", crate::house::seed::PASSWORD).await).code();
    let lines = async || audit_event::Entity::find().count(house.app.storage.connection()).await.unwrap();
    let written = lines().await;
    assert!(written > 0);
    house.clock.advance(1000 * DAY);
    house.app.sweep().await.expect("a round");
    assert_eq!(lines().await, written, "nobody said when");
    let now = house.app.now();
    delete_audit_events_before(&house.app.storage, now.plus_seconds(-1001 * DAY)).await.expect("a round");
    assert_eq!(lines().await, written);
    delete_audit_events_before(&house.app.storage, now.plus_seconds(-999 * DAY)).await.expect("a round");
    assert_eq!(lines().await, 0);
}

/// Every table is either counted above, or said to grow with what people keep.
#[tokio::test]
async fn the_operators_page_names_every_table() {
    let house = House::new().await;
    let page = include_str!("../../../docs/operators.md");
    let chapter = page.split("## What goes away, and when").nth(1).expect("the chapter");
    let chapter = chapter.split("\n## ").next().expect("its text");
    let storage = &house.app.storage;
    let backend = storage.connection().get_database_backend();
    let names = if backend == sea_orm::DbBackend::Postgres {
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let rows = storage.connection().query_all_raw(sea_orm::Statement::from_string(backend, names)).await;
    let names: Vec<String> =
        rows.expect("tables").iter().map(|row| row.try_get("", "name").unwrap()).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names.iter().filter(|name| *name != "seaql_migrations") {
        assert!(
            chapter.contains(&format!("`{name}`")),
            "docs/operators.md does not say when rows of {name} go"
        );
    }
}
