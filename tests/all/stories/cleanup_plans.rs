//! Every statement of the clean-up, and of the list of a person's audit events, finds its rows by an index, as the
//! database's query plan shows.

use crate::support::test_app::TestApp;
use ::entity::ids::AuditEventId;
use countersign::storage::{
    Executor, Storage,
    audit::{AuditFilter, AuditOrder, page_statement},
    retention::statements,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// The steps of the plan, one a line.
async fn plan(storage: &Storage, statement: &Statement) -> Vec<String> {
    let tx = storage.begin().await.expect("a transaction");
    let transaction = tx.connection();
    let backend = transaction.get_database_backend();
    let (explain, column) = match backend {
        DbBackend::Postgres => ("EXPLAIN", "QUERY PLAN"),
        _ => ("EXPLAIN QUERY PLAN", "detail"),
    };
    if backend == DbBackend::Postgres {
        // A table of a few rows is read whole although there is an index.
        // A few rows are sorted although an index has them in order.
        for method in ["seqscan", "sort", "incremental_sort"] {
            let setting = format!("SET LOCAL enable_{method} = off");
            transaction.execute_unprepared(&setting).await.expect("a setting");
        }
    }
    let asked = Statement::from_string(backend, format!("{explain} {statement}"));
    let rows = transaction.query_all_raw(asked).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    rows.iter().map(|row| row.try_get("", column).expect("a step")).collect()
}

/// Whether a step reads a whole table, or a whole index.
fn reads_whole(plan: &[String]) -> bool {
    let count =
        |words: &[&str]| plan.iter().filter(|step| words.iter().any(|word| step.contains(word))).count();
    let by_index = count(&["Index Scan using", "Index Only Scan using", "Bitmap Index Scan"]);
    // PostgreSQL joins a table that it believes to be empty by a filter, even with indexes; SQLite's plan of
    // the same statement shows whether there is one.
    let by_condition = count(&["Index Cond", "Join Filter"]);
    let is_whole_on_postgres = count(&["Seq Scan"]) > 0 || by_condition < by_index;
    plan.iter().any(|step| step.starts_with("SCAN")) || is_whole_on_postgres
}

#[tokio::test]
async fn every_statement_of_the_clean_up_finds_its_rows_by_an_index() {
    let test_app = TestApp::new().await;
    let statements = statements(&test_app.app.storage, test_app.app.now()).await.expect("statements");
    assert!(statements.len() > 20, "{}", statements.len());
    for statement in statements {
        let plan = plan(&test_app.app.storage, &statement).await;
        assert!(!plan.is_empty() && !reads_whole(&plan), "{}\n{}", statement.sql, plan.join("\n"));
    }
}

/// Whether a step sorts the rows that were found.
fn sorts(plan: &[String]) -> bool {
    plan.iter().any(|step| step.contains("Sort") || step.contains("TEMP B-TREE"))
}

#[tokio::test]
async fn the_audit_events_of_a_person_are_found_in_their_order_by_an_index() {
    let test_app = TestApp::new().await;
    let (storage, seed, now) = (&test_app.app.storage, &test_app.seed, test_app.app.now());
    let person = AuditFilter { person: Some(seed.alice), ..AuditFilter::default() };
    let last = Some((now, AuditEventId(test_app.app.entropy.id(now))));
    for order in [AuditOrder::NewestFirst, AuditOrder::OldestFirst] {
        for after in [None, last] {
            let statement = page_statement(storage, seed.workspace, &person, order, (after, 50));
            let plan = plan(storage, &statement).await;
            assert!(!reads_whole(&plan) && !sorts(&plan), "{}\n{}", statement.sql, plan.join("\n"));
        }
    }
    let sorted = "SELECT id FROM audit_event WHERE person_id IS NOT NULL ORDER BY code";
    let sorted = Statement::from_string(storage.connection().get_database_backend(), sorted);
    assert!(sorts(&plan(storage, &sorted).await), "a sort is noticed");
}

#[tokio::test]
async fn a_statement_without_an_index_is_noticed() {
    let test_app = TestApp::new().await;
    let storage = &test_app.app.storage;
    for (sql, is_whole) in [
        ("DELETE FROM journey WHERE closed_at < 1", true),
        ("DELETE FROM enrollment WHERE created_at < 1", true),
        ("SELECT id FROM journey ORDER BY expires_at LIMIT 1", true),
        ("DELETE FROM journey WHERE expires_at < 1", false),
    ] {
        let statement = Statement::from_string(storage.connection().get_database_backend(), sql);
        let plan = plan(storage, &statement).await;
        assert_eq!(reads_whole(&plan), is_whole, "{sql}\n{}", plan.join("\n"));
    }
}
