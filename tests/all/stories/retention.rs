//! Weeks of use: expired rows of every table are deleted.

use crate::support::{
    push_fixture::PushFixture,
    relying_party::{Ask, Tokens},
    sign_in::{Answer, give_password, request},
    test_app::{TestApp, run_clean_up},
};
use ::entity::{
    access_token, answer_counter, attempt_counter, audit_event, authenticator, authorization_code,
    browser_session, challenge, challenge_device, enrollment, grant, journey, outbox, refresh_token,
    transport,
};
use countersign::storage::{Executor, retention::statements};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 24 * 3600;

type Counts = BTreeMap<&'static str, u64>;

/// Counts the rows of each table that grows with use.
async fn counts(test_app: &TestApp) -> Counts {
    let mut counts = Counts::new();
    macro_rules! count {
        ($($table:ident)*) => {
            $(
                let rows = $table::Entity::find().count(test_app.app.storage.connection()).await;
                counts.insert(stringify!($table), rows.expect("a count"));
            )*
        };
    }
    count!(access_token answer_counter attempt_counter authenticator authorization_code browser_session
        challenge challenge_device enrollment grant journey outbox refresh_token transport);
    counts
}

/// One day: an approval, an unanswered challenge, an abandoned sign-in, and a refresh.
async fn day(fixture: &mut PushFixture, lasting: Tokens) -> Tokens {
    fixture.browser = fixture.test_app.browser();
    let (ask, page) = fixture.begin_waiting().await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    pass(fixture, DAY / 3).await;
    fixture.browser = fixture.test_app.browser();
    fixture.begin_waiting().await;
    let mut stranger = fixture.test_app.browser();
    let page = stranger.go(&request("quiet_app", &[])).await;
    give_password(&mut stranger, &page, "grace", "wrong").await;
    pass(fixture, DAY / 3).await;
    let tokens = fixture.app.refresh(&lasting).await.expect("it lasts");
    pass(fixture, DAY / 3).await;
    tokens
}

async fn pass(fixture: &PushFixture, seconds: i64) {
    fixture.test_app.clock.advance(seconds);
    run_clean_up(&fixture.test_app.app).await.expect("a round");
}

/// A sign-in with offline access.
async fn lasting(fixture: &mut PushFixture) -> Tokens {
    let ask: Ask = fixture.app.ask().await.with("scope", "openid offline_access");
    let page = fixture.sign_in(&ask).await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await
}

#[tokio::test]
async fn rows_that_use_leaves_behind_are_deleted_in_time() {
    let mut fixture = PushFixture::with_phone().await;
    let mut tokens = lasting(&mut fixture).await;
    for _ in 0..10 {
        tokens = day(&mut fixture, tokens).await;
    }
    let before = counts(&fixture.test_app).await;
    for _ in 0..14 {
        tokens = day(&mut fixture, tokens).await;
    }
    let mut after = counts(&fixture.test_app).await;
    // A family keeps its old tokens to detect reuse, and a device its last counters to detect a copy.
    for (kept, most) in [("refresh_token", 14), ("answer_counter", 14)] {
        assert!(after[kept] <= before[kept] + most, "{kept}: {before:?} {after:?}");
        after.insert(kept, before[kept]);
    }
    assert_eq!(before, after, "two more weeks like the first leave no more behind");

    for _ in 0..100 {
        pass(&fixture, DAY).await;
    }
    let left: Counts = counts(&fixture.test_app).await.into_iter().filter(|(_, rows)| *rows > 0).collect();
    // Tom's generator and Alice's phone are still theirs.
    assert_eq!(left.keys().copied().collect::<Vec<_>>(), ["answer_counter", "authenticator", "transport"]);
    assert_eq!(left["authenticator"], 2);
}

#[tokio::test]
async fn a_phone_that_was_removed_is_forgotten_in_the_end() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.phone.ask(http::Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let known = counts(&fixture.test_app).await["authenticator"];
    pass(&fixture, 89 * DAY).await;
    assert_eq!(
        counts(&fixture.test_app).await["authenticator"],
        known,
        "opened now, it learns that it was removed"
    );
    pass(&fixture, 2 * DAY).await;
    let after = counts(&fixture.test_app).await;
    assert_eq!((after["authenticator"], after["answer_counter"]), (known - 1, 0));
}

#[tokio::test]
async fn a_device_keeps_its_last_thousand_counters() {
    let fixture = PushFixture::with_phone().await;
    let storage = &fixture.test_app.app.storage;
    let counter = answer_counter::Entity::find().one(storage.connection()).await.expect("an answer");
    let counter = counter.expect("the phone has answered once");
    for ahead in [999, 1_000] {
        let row = answer_counter::Model { ctr: counter.ctr + ahead, ..counter.clone() };
        let row = row.into_active_model().reset_all();
        answer_counter::Entity::insert(row)
            .exec_without_returning(storage.connection())
            .await
            .expect("a row");
        run_clean_up(&fixture.test_app.app).await.expect("a round");
        let kept = answer_counter::Entity::find_by_id((counter.authenticator_id, counter.ctr));
        let kept = kept.one(storage.connection()).await.expect("an answer");
        assert_eq!(kept.is_some(), ahead < 1_000, "{ahead}");
    }
}

#[tokio::test]
async fn the_audit_log_is_kept_for_the_configured_time() {
    for (days, is_kept_so_long, is_gone_after) in [(0, 1000, None), (1000, 999, Some(2))] {
        let test_app = TestApp::keeping_audit_log(days).await;
        let mut browser = test_app.browser();
        let page = browser.go(&request("quiet_app", &[])).await;
        Answer::of(&give_password(&mut browser, &page, "grace", crate::support::seed::PASSWORD).await).code();
        let events =
            async || audit_event::Entity::find().count(test_app.app.storage.connection()).await.unwrap();
        let written = events().await;
        assert!(written > 0);
        test_app.clock.advance(is_kept_so_long * DAY);
        run_clean_up(&test_app.app).await.expect("a round");
        assert_eq!(events().await, written, "{days}");
        if let Some(later) = is_gone_after {
            test_app.clock.advance(later * DAY);
            run_clean_up(&test_app.app).await.expect("a round");
            assert_eq!(events().await, 0, "{days}");
        }
    }
}

/// A number of seconds in the words of the operators' page.
fn in_words(seconds: i64) -> String {
    match seconds {
        3600 => "an hour".to_owned(),
        _ if seconds % DAY == 0 => format!("{} days", seconds / DAY),
        _ => panic!("{seconds} seconds have no words yet"),
    }
}

/// The tables that the clean-up deletes from, each with the ages that its statements name.
async fn ages(test_app: &TestApp) -> BTreeMap<String, BTreeSet<String>> {
    let now = test_app.app.now();
    let mut ages = BTreeMap::<String, BTreeSet<String>>::new();
    for statement in statements(&test_app.app.storage, now).await.expect("statements") {
        let Some(rest) = statement.sql.strip_prefix("DELETE FROM ") else { continue };
        let table = rest.split(' ').next().expect("a table").trim_matches('"').to_owned();
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        let ages = ages.entry(table).or_default();
        // The DELETE of a walk has ids as its parameters; the age is in the text of its SELECT.
        if let [sea_orm::Value::BigInt(Some(at))] = values[..] {
            ages.insert(in_words((now.0 - at) / 1000));
        }
    }
    ages
}

/// The page and the code name the same tables and the same ages.
#[tokio::test]
async fn the_operators_page_says_when_the_clean_up_deletes() {
    let test_app = TestApp::new().await;
    let page = include_str!("../../../docs/operators.md");
    let chapter = page.split("## Retention").nth(1).expect("the chapter");
    let rows = chapter.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let mut said = BTreeMap::new();
    for (tables, when) in rows {
        for table in tables.split(", ") {
            said.insert(table.trim_matches('`').to_owned(), when.to_owned());
        }
    }
    // A device's transport goes with its removal, not by the clean-up.
    assert!(said.remove("transport").is_some());
    let ages = ages(&test_app).await;
    assert_eq!(said.keys().collect::<Vec<_>>(), ages.keys().collect::<Vec<_>>());
    for (table, ages) in ages.iter().filter(|(_, ages)| !ages.is_empty()) {
        assert!(ages.iter().any(|age| said[table].contains(age)), "{table}: {ages:?}, but: {}", said[table]);
    }
    let seen = ages.values().flatten().collect::<BTreeSet<_>>();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["180 days", "2 days", "31 days", "90 days", "an hour"]);
}

/// Every table is either counted above, or said to grow with what people keep.
#[tokio::test]
async fn the_operators_page_names_every_table() {
    let test_app = TestApp::new().await;
    let page = include_str!("../../../docs/operators.md");
    let chapter = page.split("## Retention").nth(1).expect("the chapter");
    let chapter = chapter.split("\n## ").next().expect("its text");
    let storage = &test_app.app.storage;
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
