//! The world changes between two pages: for every fact on which a sign-in depends, and every page, the next page
//! judges by the new fact.
//!
//! The table is [`next`]. It has no wildcards, so that a new fact does not compile without its cells.

use super::super::support::{
    browser::Browser,
    page::Page,
    phone::{Act, Claim, Phone},
    push_fixture::continuing,
    seed::PASSWORD,
    sign_in::{Answer, enroll_generator, give_password, request},
    test_app::TestApp,
};
use ::entity::{client_pool, ids::AuthenticatorId, pool};
use countersign::{
    actions::{consents, devices, people as people_actions},
    audit::{Actor, Via},
    clock::Clock,
    directory::{FactorKind, PoolPolicy, SecondFactorRule},
    entropy::SystemEntropy,
    factors::password::{HashParameters, Hasher, hash_password},
    storage::{Executor, authenticators, clients, people},
};
use http::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

/// What changes.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Nothing,
    PersonDisabled,
    PasswordReplaced,
    PasswordMustChange,
    PhoneRemoved,
    PhoneSuspended,
    CodeAppAdded,
    CodeAppRemoved,
    PolicyWithoutPhone,
    ClientDisabled,
    ClientWithoutPool,
    ClientDemandsTheImpossible,
    ConsentGivenElsewhere,
    ConsentRevoked,
}

/// The page whose form is sent after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Identifier,
    Password,
    Push,
    Consent,
}

const PAGES: [At; 4] = [At::Identifier, At::Password, At::Push, At::Consent];

/// The table: where the form of the page leads after the change. A path, `code`, or the error of the client.
fn next(fact: Fact, at: At) -> &'static str {
    use At::{Consent, Identifier, Password, Push};
    match (fact, at) {
        (Fact::Nothing | Fact::CodeAppAdded | Fact::CodeAppRemoved, Identifier) => "/signin/password",
        (Fact::Nothing | Fact::CodeAppAdded | Fact::CodeAppRemoved, Password) => "/signin/push",
        (Fact::Nothing | Fact::CodeAppAdded | Fact::CodeAppRemoved, Push) => "/consent",
        (Fact::Nothing | Fact::CodeAppAdded | Fact::CodeAppRemoved, Consent) => "code",

        // Before the first proof as for a name that does not exist, after it with an error for the client.
        (Fact::PersonDisabled | Fact::ClientWithoutPool, Identifier | Password) => "/signin/password",
        (Fact::PersonDisabled | Fact::ClientWithoutPool, Push | Consent) => "access_denied",

        // With a password end the sign-ins in which its person has proved something.
        (Fact::PasswordReplaced, Identifier | Password) => "/signin/password",
        (Fact::PasswordReplaced, Push | Consent) => "410",

        (Fact::PasswordMustChange, Identifier) => "/signin/password",
        (Fact::PasswordMustChange, Password) => "/signin/push",
        (Fact::PasswordMustChange, Push | Consent) => "/signin/new-password",

        (Fact::PhoneRemoved, Identifier) => "/signin/password",
        // The person may add a first phone, and the request asks for two factors.
        (Fact::PhoneRemoved, Password) => "/signin/enroll",
        (Fact::PhoneRemoved, Push) => "/signin/push",
        (Fact::PhoneRemoved, Consent) => "/signin/enroll",

        (Fact::PhoneSuspended, Identifier) => "/signin/password",
        (Fact::PhoneSuspended, Password) => "unmet_authentication_requirements",
        (Fact::PhoneSuspended, Push) => "/signin/push",
        (Fact::PhoneSuspended, Consent) => "unmet_authentication_requirements",

        (Fact::PolicyWithoutPhone, Identifier) => "/signin/password",
        // The phone shows codes, too.
        (Fact::PolicyWithoutPhone, Password | Push | Consent) => "/signin/totp",

        (Fact::ClientDisabled, Identifier | Password | Push | Consent) => "400",
        (Fact::ClientDemandsTheImpossible, Identifier | Password | Push | Consent) => {
            "unmet_authentication_requirements"
        }

        (Fact::ConsentGivenElsewhere, Identifier) => "/signin/password",
        (Fact::ConsentGivenElsewhere, Password) => "/signin/push",
        (Fact::ConsentGivenElsewhere, Push | Consent) => "code",

        // Before the page of the consent it is asked for again; on the page, it is given anew.
        (Fact::ConsentRevoked, Identifier) => "/signin/password",
        (Fact::ConsentRevoked, Password) => "/signin/push",
        (Fact::ConsentRevoked, Push) => "/consent",
        (Fact::ConsentRevoked, Consent) => "code",
    }
}

/// Grace, who has a phone, in a sign-in for two factors and with consent.
struct Walk {
    test_app: TestApp,
    phone: Phone,
    device: AuthenticatorId,
    browser: Browser,
    page: Page,
}

impl Walk {
    async fn to(fact: Fact, at: At) -> Self {
        let test_app = TestApp::new().await;
        let (mut browser, mut phone) = (test_app.browser(), test_app.phone());
        let page = browser.go(&request("quiet_app", &[("acr_values", "2fa")])).await;
        let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
        let link = page.attribute("#enroll-link", "href").expect("a link");
        let offer = phone.claim(&Claim::scan(&link)).await.expect("an offer");
        let code = phone.complete(&offer, &json!({"kind": "none"})).await.expect("a confirmation code");
        browser.send(page.form("confirmation").fill("confirmation", &code).press("Confirm")).await;
        let device = authenticators::list_active(&test_app.app.storage, test_app.seed.grace).await;
        let device = device.expect("storage answers")[0].id();
        before(&test_app, fact, at).await;
        test_app.clock.advance(3600);
        let mut browser = test_app.browser();
        let essential = r#"{"id_token":{"acr":{"essential":true,"values":["2fa"]}}}"#;
        let page = browser.go(&request("app", &[("claims", essential)])).await;
        let mut walk = Self { test_app, phone, device, browser, page };
        for page in PAGES.into_iter().take_while(|page| *page != at) {
            walk.submit(page).await;
        }
        walk
    }

    /// Sends the right form of the page.
    async fn submit(&mut self, at: At) {
        let form = match at {
            At::Identifier => self.page.form("username").fill("username", "grace").submit(),
            At::Password => self.page.form("password").fill("password", PASSWORD).submit(),
            At::Push => {
                self.approve().await;
                continuing(&self.page)
            }
            At::Consent => self.page.form("Allow").press("Allow"),
        };
        self.page = self.browser.send(form).await;
    }

    /// Approves, unless there is nothing to approve any more.
    async fn approve(&mut self) {
        let number = self.page.text_of("number").expect("a number");
        let open = self.phone.open_challenges().await.unwrap_or_default();
        if let Some(open) = open.last()
            && let Ok(challenge) = self.phone.fetch(open).await
        {
            let _refused = self.phone.answer(&challenge, Act::Approve(&number)).await;
        }
    }

    async fn change(&mut self, fact: Fact) {
        let (app, seed) = (&self.test_app.app, &self.test_app.seed);
        let (grace, now) = (seed.grace, self.test_app.clock.now());
        match fact {
            Fact::Nothing => return,
            Fact::CodeAppAdded => {
                enroll_generator(&self.test_app, grace).await;
                return;
            }
            Fact::CodeAppRemoved => {
                let devices = authenticators::list_active(&app.storage, grace).await.expect("a list");
                let generator = devices.iter().find(|device| !device.is_phone()).expect("a code app").id();
                let context = app.command_context().await.expect("a tenant");
                people_actions::remove_device(app, &context, (grace, generator)).await.expect("removed");
                return;
            }
            Fact::ConsentRevoked => {
                let context = app.command_context().await.expect("a tenant");
                assert!(consents::revoke(app, &context, (grace, seed.app)).await.expect("revoked"));
                return;
            }
            Fact::PhoneRemoved => {
                self.phone.ask(Method::DELETE, "/device/v1/self", None).await.expect("removed");
                return;
            }
            Fact::PhoneSuspended => {
                let tenant = app.directory.root().await.expect("a tenant");
                let device = devices::find(app, &tenant, self.device).await.expect("an answer");
                let mut context = app.command_context().await.expect("a tenant");
                (context.actor, context.via) = (Actor::Anonymous, Via::Device);
                for _ in 0..10 {
                    let counted = devices::count_bad_signature(app, &context, device.as_ref().expect("it"));
                    counted.await.expect("counted");
                }
                return;
            }
            _ => {}
        }
        let tx = app.storage.begin().await.expect("a transaction");
        match fact {
            Fact::PersonDisabled => people::save_disabled(&tx, grace, Some(now)).await.expect("disabled"),
            Fact::PasswordReplaced => {
                let mut hasher = Hasher::new(HashParameters::MIN_COST);
                let hash =
                    hash_password("seventeen quiet otters", &SystemEntropy, &mut hasher).expect("a hash");
                people::save_password(&tx, grace, &hash, now).await.expect("replaced");
                countersign::storage::journeys::close_all(&tx, grace, None, now).await.expect("closed");
            }
            Fact::PasswordMustChange => {
                people::require_new_password(&tx, grace, now).await.expect("a duty");
            }
            Fact::ClientDisabled => {
                clients::save_disabled(&tx, seed.app, Some(now)).await.expect("disabled");
            }
            Fact::ClientWithoutPool => {
                let row = client_pool::Entity::delete_by_id((seed.app, seed.guests));
                row.exec(tx.connection()).await.expect("taken");
            }
            Fact::ClientDemandsTheImpossible => {
                let mut settings = clients::get(&tx, seed.app).await.expect("a client").settings;
                settings.required_acr = Some("gold".to_owned());
                clients::save_settings(&tx, seed.app, &settings).await.expect("settings");
            }
            Fact::PolicyWithoutPhone => {
                let policy = PoolPolicy {
                    second_factor: SecondFactorRule::WhenAsked,
                    second_factors: vec![FactorKind::Totp],
                    ..PoolPolicy::default()
                };
                pool::Entity::update_many()
                    .col_expr(pool::Column::Policy, Expr::value(serde_json::to_value(policy).expect("JSON")))
                    .filter(pool::Column::Id.eq(seed.guests))
                    .exec(tx.connection())
                    .await
                    .expect("a policy");
            }
            Fact::ConsentGivenElsewhere => {
                let saved = countersign::storage::consents::save(&tx, seed.app, grace, "openid", now);
                saved.await.expect("a consent");
            }
            Fact::Nothing
            | Fact::CodeAppAdded
            | Fact::CodeAppRemoved
            | Fact::ConsentRevoked
            | Fact::PhoneRemoved
            | Fact::PhoneSuspended => unreachable!("{fact:?} is done above"),
        }
        tx.commit().await.expect("kept");
        app.directory.forget();
    }

    /// Where the browser is, in the words of the table.
    fn place(&self) -> String {
        match Answer::seek(&self.page) {
            Some(answer) if answer.error().is_empty() => "code".to_owned(),
            Some(answer) => answer.error().to_owned(),
            None if self.page.status.is_success() => self.page.url.path().to_owned(),
            None => self.page.status.as_u16().to_string(),
        }
    }
}

async fn judge(facts: &[Fact]) {
    let mut wrong = Vec::new();
    for fact in facts {
        for at in PAGES {
            let mut walk = Walk::to(*fact, at).await;
            walk.change(*fact).await;
            walk.submit(at).await;
            let (place, expected) = (walk.place(), next(*fact, at));
            if place != expected {
                wrong.push(format!("{fact:?} at {at:?}: {place}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fact that is taken back later.
async fn before(test_app: &TestApp, fact: Fact, at: At) {
    let (grace, now) = (test_app.seed.grace, test_app.clock.now());
    match fact {
        Fact::CodeAppRemoved => drop(enroll_generator(test_app, grace).await),
        Fact::ConsentRevoked => {
            // With a consent to everything the page that asks for it is not reached.
            let scopes = if at == At::Consent { "email" } else { "openid" };
            let tx = test_app.app.storage.begin().await.expect("a transaction");
            let saved = countersign::storage::consents::save(&tx, test_app.seed.app, grace, scopes, now);
            saved.await.expect("a consent");
            tx.commit().await.expect("kept");
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_page_leads_on_while_nothing_has_changed_that_matters() {
    judge(&[Fact::Nothing, Fact::CodeAppAdded, Fact::CodeAppRemoved]).await;
}

#[tokio::test]
async fn the_next_page_judges_by_what_is_true_of_the_person_now() {
    judge(&[Fact::PersonDisabled, Fact::PasswordReplaced, Fact::PasswordMustChange]).await;
}

#[tokio::test]
async fn the_next_page_judges_by_the_authenticators_that_there_are_now() {
    judge(&[Fact::PhoneRemoved, Fact::PhoneSuspended]).await;
}

#[tokio::test]
async fn the_next_page_judges_by_the_policy_and_the_client_of_now() {
    let client = [Fact::ClientDisabled, Fact::ClientWithoutPool, Fact::ClientDemandsTheImpossible];
    judge(&client).await;
    judge(&[Fact::PolicyWithoutPhone, Fact::ConsentGivenElsewhere, Fact::ConsentRevoked]).await;
}
