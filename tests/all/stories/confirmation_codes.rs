//! Simultaneous confirmation codes have the same limit as consecutive ones.

use crate::support::{
    audit_log::details_of, browser::Browser, page::Page, phone::Claim, push_fixture::PushFixture,
};
use ::entity::{enrollment, enums::EnrollmentState};
use countersign::storage::{Executor, authenticators};
use futures_util::future::join_all;
use sea_orm::EntityTrait;
use std::sync::Arc;
use tokio::sync::Barrier;

/// Wrong codes at once, more than are allowed.
const AT_ONCE: usize = 20;

async fn type_at_once(browser: &Browser, page: &Page, codes: Vec<String>) -> Vec<Page> {
    let barrier = Arc::new(Barrier::new(codes.len()));
    let typed = codes.into_iter().map(|code| {
        let (mut browser, barrier) = (browser.clone(), Arc::clone(&barrier));
        let form = page.form("confirmation").fill("confirmation", &code).press("Confirm");
        tokio::spawn(async move {
            barrier.wait().await;
            browser.send(form).await
        })
    });
    join_all(typed).await.into_iter().map(|page| page.expect("a page")).collect()
}

/// Enrolls Alice's phone up to its code; returns the page that asks for the code.
async fn waiting() -> (PushFixture, Page, String) {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let code = fixture.claim_and_complete(&Claim::scan(&link)).await;
    (fixture, page, code)
}

fn wrong_codes(right: &str, count: usize) -> Vec<String> {
    (0..).map(|number| format!("{number:06}")).filter(|code| code != right).take(count).collect()
}

async fn newest(fixture: &PushFixture) -> enrollment::Model {
    let all = enrollment::Entity::find().all(fixture.test_app.app.storage.connection()).await.expect("rows");
    all.into_iter().max_by_key(|row| row.id).expect("an enrollment")
}

async fn count_failed(fixture: &PushFixture) -> usize {
    let test_app = &fixture.test_app;
    details_of(&test_app.app, test_app.seed.alice, "enrollment.failed").await.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_confirmation_codes_at_once_are_counted_up_to_the_limit() {
    let (fixture, page, right) = waiting().await;
    let pages = type_at_once(&fixture.browser, &page, wrong_codes(&right, AT_ONCE)).await;
    let row = newest(&fixture).await;
    assert_eq!((row.confirm_failures, row.state), (3, EnrollmentState::Failed));
    assert_eq!(count_failed(&fixture).await, 1);
    for page in pages {
        assert!(!page.text.contains("3 attempts left"), "{}", page.summary());
    }
    let pages = type_at_once(&fixture.browser, &page, vec![right]).await;
    assert!(pages.iter().all(|page| page.url.path() == "/signin/enroll"), "the right code comes too late");
    assert!(is_without_device(&fixture).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_right_code_among_wrong_ones_at_once_counts_only_within_the_limit() {
    for _ in 0..4 {
        let (fixture, page, right) = waiting().await;
        let mut codes = wrong_codes(&right, AT_ONCE);
        codes.insert(AT_ONCE / 2, right);
        type_at_once(&fixture.browser, &page, codes).await;
        let row = newest(&fixture).await;
        match row.state {
            EnrollmentState::Confirmed => assert!(row.confirm_failures < 3),
            EnrollmentState::Failed => {
                assert_eq!(row.confirm_failures, 3);
                assert!(is_without_device(&fixture).await);
            }
            state => panic!("{state:?}"),
        }
    }
}

#[tokio::test]
async fn the_right_code_after_two_wrong_ones_adds_the_phone() {
    let (mut fixture, page, right) = waiting().await;
    for code in wrong_codes(&right, 2) {
        assert_eq!(fixture.confirm(&page, &code).await.url.path(), "/signin/enroll");
    }
    let page = fixture.confirm(&page, &right).await;
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
    assert!(!is_without_device(&fixture).await);
}

async fn is_without_device(fixture: &PushFixture) -> bool {
    let active =
        authenticators::list_active(&fixture.test_app.app.storage, fixture.test_app.seed.alice).await;
    active.expect("a list").is_empty()
}
