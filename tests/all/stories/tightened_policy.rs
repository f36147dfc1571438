//! The policy, or the demand of the application, is tightened by a command while a page of a sign-in is open: the next
//! form obeys it, also in another tab.

use crate::support::{
    browser::Browser,
    command::Commands,
    page::Page,
    seed::PASSWORD,
    sign_in::{Answer, code_of, enroll_generator, give_code, give_password, grant_of, request},
    test_app::TestApp,
};
use ::entity::pool;
use countersign::{
    clock::Clock,
    directory::{FactorKind, PoolPolicy, SecondFactorRule},
    storage::Executor,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

/// Grace has a generator of codes, and her pool asks for a second factor only where it is demanded.
struct Grace {
    test_app: TestApp,
    seed: Vec<u8>,
}

impl Grace {
    async fn new() -> Self {
        let test_app = TestApp::new().await;
        let seed = enroll_generator(&test_app, test_app.seed.grace).await;
        Self { test_app, seed }
    }

    /// Her password is proved, and the application asks for consent.
    async fn at_consent(&self, browser: &mut Browser) -> Page {
        let page = browser.go(&request("app", &[])).await;
        let page = give_password(browser, &page, "grace", PASSWORD).await;
        assert_eq!(page.url.path(), "/consent", "{}", page.summary());
        page
    }

    async fn allow(&self, browser: &mut Browser, page: &Page) -> Page {
        browser.send(page.form("Allow").press("Allow")).await
    }

    async fn give_code(&self, browser: &mut Browser, page: &Page) -> Page {
        give_code(browser, page, &code_of(&self.seed, self.test_app.clock.now())).await
    }

    /// Stores another policy, as a command of a later version may do.
    async fn save_policy(&self, policy: &PoolPolicy) {
        self.save_policy_untold(policy).await;
        self.test_app.app.directory.forget();
    }

    /// The same, as another node may have done a moment ago: this one has not been told, and its cache is old.
    async fn save_policy_untold(&self, policy: &PoolPolicy) {
        let tx = self.test_app.app.storage.begin().await.expect("a transaction");
        pool::Entity::update_many()
            .col_expr(pool::Column::Policy, Expr::value(serde_json::to_value(policy).expect("JSON")))
            .filter(pool::Column::Id.eq(self.test_app.seed.guests))
            .exec(tx.connection())
            .await
            .expect("a policy");
        tx.commit().await.expect("saved");
    }
}

const STRICTER_POOL: &[&str] = &["pool", "set", "guests", "--second-factor", "always"];
const STRICTER_CLIENT: &[&str] = &["client", "set", "app", "--require-acr", "2fa"];
const LAXER_POOL: &[&str] = &["pool", "set", "guests", "--second-factor", "when_asked"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_is_open_gives_nothing_once_a_second_factor_is_demanded() {
    for command in [STRICTER_POOL, STRICTER_CLIENT] {
        let grace = Grace::new().await;
        let commands = Commands::beside(&grace.test_app);
        let mut browser = grace.test_app.browser();
        let page = grace.at_consent(&mut browser).await;
        commands.done(command);
        let page = grace.allow(&mut browser, &page).await;
        assert_eq!(page.url.path(), "/signin/totp", "{command:?}: {}", page.summary());
        let page = grace.give_code(&mut browser, &page).await;
        let page = if page.url.path() == "/consent" { grace.allow(&mut browser, &page).await } else { page };
        let grant = grant_of(&grace.test_app, &Answer::of(&page)).await;
        assert_eq!((grant.acr.as_deref(), grant.amr.as_str()), (Some("2fa"), "pwd otp mfa"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_obeys_a_policy_of_which_its_node_was_not_told() {
    let grace = Grace::new().await;
    let mut browser = grace.test_app.browser();
    let page = grace.at_consent(&mut browser).await;
    let stricter = PoolPolicy { second_factor: SecondFactorRule::Always, ..PoolPolicy::default() };
    grace.save_policy_untold(&stricter).await;
    // No code is given, although the page that follows is shown by the old policy.
    let page = grace.allow(&mut browser, &page).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    grace.test_app.app.directory.forget();
    let page = grace.allow(&mut browser, &page).await;
    assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_is_open_is_given_while_nothing_was_tightened() {
    let grace = Grace::new().await;
    let mut browser = grace.test_app.browser();
    let page = grace.at_consent(&mut browser).await;
    let page = grace.allow(&mut browser, &page).await;
    let grant = grant_of(&grace.test_app, &Answer::of(&page)).await;
    assert_eq!((grant.acr.as_deref(), grant.amr.as_str()), (Some("1fa"), "pwd"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tab_of_a_sign_in_obeys_the_policy_of_now() {
    for command in [STRICTER_POOL, STRICTER_CLIENT] {
        let grace = Grace::new().await;
        let commands = Commands::beside(&grace.test_app);
        let mut browser = grace.test_app.browser();
        let first = grace.at_consent(&mut browser).await;
        // Another tab of the same sign-in, and one of another sign-in, both at the password page.
        let second = browser.go(first.url.as_str()).await;
        let other = browser.go(&request("app", &[])).await;
        let other = browser.send(other.form("username").fill("username", "grace").submit()).await;
        commands.done(command);
        let page = grace.allow(&mut browser, &second).await;
        assert_eq!(page.url.path(), "/signin/totp", "{command:?}: the second tab");
        let page = grace.allow(&mut browser, &first).await;
        assert_eq!(page.url.path(), "/signin/totp", "{command:?}: the first tab");
        let page = browser.send(other.form("password").fill("password", PASSWORD).submit()).await;
        assert_eq!(page.url.path(), "/signin/totp", "{command:?}: the other sign-in");
        let reloaded = browser.go(first.url.as_str()).await;
        assert_eq!(reloaded.url.path(), "/signin/totp", "{command:?}: a page that is loaded again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_was_relaxed_asks_for_less_from_the_next_form_on() {
    let grace = Grace::new().await;
    let commands = Commands::beside(&grace.test_app);
    commands.done(STRICTER_POOL);
    let mut browser = grace.test_app.browser();
    let page = browser.go(&request("app", &[])).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
    commands.done(LAXER_POOL);
    let page = browser.go(page.url.as_str()).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
}

#[tokio::test]
async fn a_factor_that_was_taken_from_the_list_counts_no_more() {
    let grace = Grace::new().await;
    let mut browser = grace.test_app.browser();
    let page = grace.at_consent(&mut browser).await;
    let codes_first = PoolPolicy {
        first_factors: vec![FactorKind::Totp],
        second_factors: vec![],
        second_factor: SecondFactorRule::WhenAsked,
        ..PoolPolicy::default()
    };
    grace.save_policy(&codes_first).await;
    let page = grace.allow(&mut browser, &page).await;
    assert_eq!(page.url.path(), "/signin/totp", "the password was proved, and is no factor any more");
    let page = grace.give_code(&mut browser, &page).await;
    let page = if page.url.path() == "/consent" { grace.allow(&mut browser, &page).await } else { page };
    let grant = grant_of(&grace.test_app, &Answer::of(&page)).await;
    assert_eq!(grant.acr.as_deref(), Some("1fa"));
}

#[tokio::test]
async fn a_page_offers_every_other_factor_that_its_step_accepts() {
    let grace = Grace::new().await;
    let either = PoolPolicy {
        first_factors: vec![FactorKind::Password, FactorKind::Totp],
        second_factor: SecondFactorRule::WhenAsked,
        ..PoolPolicy::default()
    };
    grace.save_policy(&either).await;
    let mut browser = grace.test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    assert_eq!(page.url.path(), "/signin/password");
    let code = page.attribute(".other-ways a", "href").expect("another way");
    let page = browser.go(&code).await;
    assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
    assert!(page.attribute(".other-ways a", "href").expect("a way back").starts_with("/signin/password?"));
    let page = grace.give_code(&mut browser, &page).await;
    let grant = grant_of(&grace.test_app, &Answer::of(&page)).await;
    assert_eq!((grant.acr.as_deref(), grant.amr.as_str()), (Some("1fa"), "otp"));
}
