//! Transactions that lock several rows lock them in one order, so that on PostgreSQL none waits for another that waits for
//! it. SQLite has one writer.

use crate::support::{
    phone::Act,
    push_fixture::PushFixture,
    test_app::{HOME, TestApp},
};
use ::entity::attempt_counter;
use countersign::{actions::people, storage::Executor};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::sync::Arc;
use tokio::sync::Barrier;

const ROUNDS: usize = 50;

/// The block of a reported source, as a report has stored it.
async fn block(test_app: &TestApp) -> attempt_counter::Model {
    let found = attempt_counter::Entity::find()
        .filter(attempt_counter::Column::Key.starts_with("reported:"))
        .one(test_app.app.storage.connection())
        .await;
    found.expect("an answer").expect("a block")
}

/// Stores the block again, as if the source had been reported before.
async fn store(test_app: &TestApp, block: &attempt_counter::Model) {
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    let row = block.clone().into_active_model().reset_all();
    attempt_counter::Entity::insert(row).exec_without_returning(tx.connection()).await.expect("stored");
    tx.commit().await.expect("kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_report_and_an_unlocking_at_once_both_succeed() {
    let mut fixture = PushFixture::with_phone().await;
    let (app, alice) = (fixture.test_app.app.clone(), fixture.test_app.seed.alice);
    let context = app.command_context().await.expect("a tenant");
    fixture.begin_waiting().await;
    fixture.answer(Act::Report("not_me")).await.expect("reported");
    let block = block(&fixture.test_app).await;
    for round in 0..ROUNDS {
        people::unlock(&app, &context, alice).await.expect("unlocked");
        fixture.test_app.clock.advance(60);
        fixture.browser = fixture.test_app.browser();
        fixture.begin_waiting().await;
        let challenge = fixture.look().await;
        store(&fixture.test_app, &block).await;
        let barrier = Arc::new(Barrier::new(2));
        let (app, context, at_unlocking) = (app.clone(), context.clone(), Arc::clone(&barrier));
        let unlocking = tokio::spawn(async move {
            at_unlocking.wait().await;
            people::unlock(&app, &context, alice).await
        });
        barrier.wait().await;
        let state = fixture.phone.answer(&challenge, Act::Report("not_me")).await;
        assert!(unlocking.await.expect("an end").is_ok(), "round {round}: the unlocking");
        // The unlocking may have deleted the request before it was reported.
        let code = state.as_ref().err().map(|problem| problem.code.as_str());
        assert!(
            matches!(code, None | Some("challenge_unknown" | "challenge_closed" | "challenge_expired")),
            "round {round}: {code:?} at {HOME}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_passwords_of_one_subscriber_and_an_unlocking_at_once_all_succeed() {
    use crate::support::{browser::Browser, sign_in::request};
    let test_app = TestApp::new().await;
    let (app, grace) = (test_app.app.clone(), test_app.seed.grace);
    let context = app.command_context().await.expect("a tenant");
    for round in 0..ROUNDS / 5 {
        let mut guesses = Vec::new();
        for subnet in 1..=4 {
            let address = format!("[2001:db8:1:{round:x}{subnet}::1]");
            let mut browser = Browser::new(test_app.http_client_from(&address), HOME);
            let page = browser.go(&request("quiet_app", &[])).await;
            let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
            guesses.push((browser, page.form("password").fill("password", "wrong").submit()));
        }
        let barrier = Arc::new(Barrier::new(guesses.len() + 1));
        let sent: Vec<_> = guesses
            .into_iter()
            .map(|(mut browser, form)| {
                let barrier = Arc::clone(&barrier);
                tokio::spawn(async move {
                    barrier.wait().await;
                    browser.send(form).await
                })
            })
            .collect();
        barrier.wait().await;
        people::unlock(&app, &context, grace).await.expect("unlocked");
        for page in sent {
            let page = page.await.expect("a page");
            assert_eq!(page.status, http::StatusCode::OK, "round {round}: {}", page.summary());
        }
        people::unlock(&app, &context, grace).await.expect("unlocked");
    }
}
