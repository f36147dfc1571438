//! An answer before the first proof does not tell whether a person exists: neither by the statements that it takes nor by
//! the rows that it touches (ASVS 6.3.8).

use crate::support::{
    browser::Browser,
    page::Page,
    seed::PASSWORD,
    sign_in::{Answer, request},
    test_app::{HOME, TestApp},
};
use ::entity::journey;
use countersign::{
    clock::Clock,
    storage::{Executor, people},
};
use sea_orm::EntityTrait;
use std::{
    fmt,
    sync::{Arc, Mutex},
};
use tracing::{Event, Subscriber, field::Field, subscriber::DefaultGuard};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// The texts of the statements that this thread sends to the database.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Records from now on, as long as the guard lives.
    fn record() -> (Self, DefaultGuard) {
        let statements = Self::default();
        let guard = tracing_subscriber::registry().with(statements.clone()).set_default();
        (statements, guard)
    }

    /// The statements since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "countersign::statements" {
            event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
                assert_eq!(field.name(), "sql");
                self.0.lock().unwrap().push(format!("{value:?}"));
            });
        }
    }
}

/// The statements of each step up to a wrong password; the first step is the typed name.
async fn steps(test_app: &TestApp, source: &str, name: &str) -> Vec<Vec<String>> {
    let mut browser = Browser::new(test_app.http_client_from(source), HOME);
    let page = browser.go(&request("quiet_app", &[])).await;
    let (statements, _guard) = Statements::record();
    let mut steps = Vec::new();
    let page = browser.send(page.form("username").fill("username", name).submit()).await;
    steps.push(statements.take());
    let page = browser.go(page.url.as_str()).await;
    steps.push(statements.take());
    let page = wrong(&mut browser, &page).await;
    steps.push(statements.take());
    let again = browser.go(page.url.as_str().replace("password", "identifier").as_str()).await;
    browser.send(again.form("username").fill("username", name).forge("password", "wrong").submit()).await;
    steps.push(statements.take());
    steps
}

async fn wrong(browser: &mut Browser, page: &Page) -> Page {
    browser.send(page.form("password").fill("password", "wrong").submit()).await
}

#[tokio::test]
async fn every_step_takes_the_same_statements_for_names_that_exist_and_that_do_not() {
    let test_app = TestApp::new().await;
    let tx = test_app.app.storage.begin().await.unwrap();
    people::save_disabled(&tx, test_app.seed.gus, Some(test_app.clock.now())).await.unwrap();
    tx.commit().await.unwrap();
    // What is read once and then cached.
    steps(&test_app, "192.0.2.1", "warm").await;
    let known = steps(&test_app, "192.0.3.1", "grace").await;
    assert!(known.iter().all(|step| step.len() >= 3), "{known:#?}");
    for (source, name) in [("192.0.4.1", "nobody"), ("192.0.5.1", "gus"), ("192.0.6.1", "tom")] {
        let other = steps(&test_app, source, name).await;
        for (at, (known, other)) in known.iter().zip(&other).enumerate() {
            assert_eq!(known, other, "step {at} of {name}");
        }
    }
}

#[tokio::test]
async fn the_row_of_a_sign_in_names_its_person_from_the_first_proof_on() {
    let test_app = TestApp::new().await;
    let named = async || {
        let rows = journey::Entity::find().all(test_app.app.storage.connection()).await.unwrap();
        rows.into_iter().map(|row| (row.person_id, row.has_proof)).collect::<Vec<_>>()
    };
    let mut browser = test_app.browser();
    let page = browser.go(&request("app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    let page = wrong(&mut browser, &page).await;
    assert_eq!(named().await, [(None, false)], "a foreign key would lock the row of a person who exists");
    let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    assert_eq!(named().await, [(Some(test_app.seed.grace), true)]);
    Answer::of(&browser.send(page.form("decision").press("allow")).await).code();
}
