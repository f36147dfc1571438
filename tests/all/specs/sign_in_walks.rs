//! Random walks over the pages with two browsers: a code is issued only for proofs that the walker itself has
//! recorded, in that browser and for that request.

use crate::support::{
    browser::Browser,
    page::Page,
    seed::PASSWORD,
    sign_in::{Answer, code_of, grant_of, request, to_code},
    test_app::TestApp,
};
use ::entity::ids::PersonId;
use countersign::clock::{Clock, Timestamp};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use std::collections::{BTreeMap, BTreeSet};

const NAMES: [&str; 4] = ["grace", "gus", "tom", "nobody"];
const CLIENTS: [&str; 2] = ["app", "quiet_app"];
const ESSENTIAL: &str = r#"{"id_token":{"acr":{"essential":true,"values":["2fa"]}}}"#;
const ASKS: [&[(&str, &str)]; 7] = [
    &[],
    &[("prompt", "login")],
    &[("max_age", "20")],
    &[("acr_values", "2fa")],
    &[("claims", ESSENTIAL)],
    &[("prompt", "none")],
    &[("prompt", "select_account")],
];
const PATHS: [&str; 5] = ["/signin/identifier", "/signin/password", "/signin/totp", "/consent", "/authorize"];

#[derive(Clone, Debug)]
enum Act {
    Ask(usize, usize),
    /// Completes the page correctly.
    Proceed(usize),
    Name(usize),
    NameAndPassword(usize, bool),
    Password(bool),
    Code(bool),
    Decide(bool),
    /// Opens the same sign-in at another path.
    Wander(usize),
    /// Sends the form of this page to another path.
    Misdirect(usize),
    /// Continues from an earlier page of this browser.
    Back(usize),
    /// Continues from the page of the other browser.
    Steal,
    SignOut,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let ask = (0..CLIENTS.len(), 0..ASKS.len()).prop_map(|(client, ask)| Act::Ask(client, ask));
    prop_oneof![
        10 => ask,
        30 => (0..NAMES.len()).prop_map(Act::Proceed),
        3 => (0..NAMES.len()).prop_map(Act::Name),
        4 => (0..NAMES.len(), prop::bool::weighted(0.8))
            .prop_map(|(name, is_right)| Act::NameAndPassword(name, is_right)),
        4 => prop::bool::weighted(0.8).prop_map(Act::Password),
        3 => prop::bool::weighted(0.8).prop_map(Act::Code),
        4 => prop::bool::weighted(0.8).prop_map(Act::Decide),
        2 => (0..PATHS.len()).prop_map(Act::Wander),
        2 => (0..PATHS.len()).prop_map(Act::Misdirect),
        2 => (0_usize..6).prop_map(Act::Back),
        1 => Just(Act::Steal),
        1 => Just(Act::SignOut),
        1 => (1_i64..40).prop_map(Act::Wait),
    ]
}

/// The proofs that one browser's walker has given.
#[derive(Default)]
struct Ledger {
    passwords: BTreeMap<PersonId, Vec<Timestamp>>,
    codes: BTreeMap<PersonId, Vec<Timestamp>>,
    allowed: bool,
    signed_out_at: Option<Timestamp>,
}

struct Walker {
    browser: Browser,
    pages: Vec<Page>,
    ledger: Ledger,
}

struct Asked {
    at: Timestamp,
    ask: &'static [(&'static str, &'static str)],
    browser: usize,
    client: &'static str,
}

struct Walk<'a> {
    test_app: &'a TestApp,
    people: BTreeMap<&'static str, PersonId>,
    walkers: Vec<Walker>,
    asked: Vec<Asked>,
    issued: usize,
}

impl<'a> Walk<'a> {
    async fn begin(test_app: &'a TestApp) -> Self {
        let seed = &test_app.seed;
        let people = BTreeMap::from([("grace", seed.grace), ("gus", seed.gus), ("tom", seed.tom)]);
        let mut walkers = Vec::new();
        for _ in 0..2 {
            let mut browser = test_app.browser();
            let page = browser.go("/signout").await;
            walkers.push(Walker { browser, pages: vec![page], ledger: Ledger::default() });
        }
        Self { test_app, people, walkers, asked: Vec::new(), issued: 0 }
    }

    async fn step(&mut self, who: usize, act: &Act) {
        let now = self.test_app.clock.now();
        let page = self.walkers[who].pages.last().expect("a page").clone();
        let page = match act {
            Act::Ask(client, ask) => {
                let state = format!("ask-{}", self.asked.len());
                let (client, ask) = (CLIENTS[*client], ASKS[*ask]);
                self.asked.push(Asked { at: now, ask, browser: who, client });
                let parameters = [ask, &[("state", state.as_str())]].concat();
                Some(self.walkers[who].browser.go(&request(client, &parameters)).await)
            }
            Act::Proceed(name) => match page.url.path() {
                "/signin/identifier" => {
                    let fields = [("username", NAMES[*name].to_owned()), ("password", secret(true))];
                    self.fill(who, &page, &fields).await
                }
                "/signin/password" => self.fill(who, &page, &[("password", secret(true))]).await,
                "/signin/totp" => {
                    let right = code_of(&self.test_app.seed.tom_seed, now);
                    self.fill(who, &page, &[("code", right)]).await
                }
                "/signin/push" => Some(to_code(&mut self.walkers[who].browser, &page).await),
                "/consent" => self.fill(who, &page, &[("decision", "allow".to_owned())]).await,
                _ => None,
            },
            Act::Name(name) => self.fill(who, &page, &[("username", NAMES[*name].to_owned())]).await,
            Act::NameAndPassword(name, is_right) => {
                let fields = [("username", NAMES[*name].to_owned()), ("password", secret(*is_right))];
                self.fill(who, &page, &fields).await
            }
            Act::Password(is_right) => self.fill(who, &page, &[("password", secret(*is_right))]).await,
            Act::Code(is_right) => {
                let right = code_of(&self.test_app.seed.tom_seed, now);
                let code = if *is_right { right } else { "000000".to_owned() };
                self.fill(who, &page, &[("code", code)]).await
            }
            Act::Decide(is_allowed) => {
                let decision = if *is_allowed { "allow" } else { "deny" };
                self.fill(who, &page, &[("decision", decision.to_owned())]).await
            }
            Act::Wander(path) => {
                let mut url = page.url.clone();
                url.set_path(PATHS[*path]);
                Some(self.walkers[who].browser.go(url.as_str()).await)
            }
            Act::Misdirect(path) => match page.forms().into_iter().find(|form| form.has("csrf")) {
                Some(mut form) => {
                    form.action.set_path(PATHS[*path]);
                    Some(self.walkers[who].browser.send(form.submit()).await)
                }
                None => None,
            },
            Act::Back(pages) => {
                let earlier = &self.walkers[who].pages;
                Some(earlier[earlier.len().saturating_sub(pages + 1)].clone())
            }
            Act::Steal => Some(self.walkers[1 - who].pages.last().expect("a page").clone()),
            Act::SignOut => {
                let browser = &mut self.walkers[who].browser;
                let page = browser.go("/signout").await;
                let form = page.forms().into_iter().find(|form| form.has("csrf"));
                if let Some(form) = form {
                    browser.send(form.press("allow")).await;
                    self.walkers[who].ledger.signed_out_at = Some(now);
                }
                None
            }
            Act::Wait(seconds) => {
                self.test_app.clock.advance(*seconds);
                None
            }
        };
        let is_request = !matches!(act, Act::Back(_) | Act::Steal);
        if let Some(page) = page {
            if let Some(answer) = Answer::seek(&page).filter(|answer| is_request && answer.error().is_empty())
            {
                self.check(who, &answer).await;
            }
            self.walkers[who].pages.push(page);
        }
    }

    /// Fills the known fields of the page's form and records the proofs in it.
    async fn fill(&mut self, who: usize, page: &Page, fields: &[(&str, String)]) -> Option<Page> {
        let now = self.test_app.clock.now();
        let mut form = page.forms().into_iter().find(|form| form.has("csrf") && form.has(fields[0].0))?;
        // The password page names the person; other fields do not change it.
        let shown =
            form.value("username").filter(|_| page.url.path() == "/signin/password").map(str::to_owned);
        for (name, value) in fields {
            form = form.forge(name, value);
        }
        let ledger = &mut self.walkers[who].ledger;
        let field =
            |name| fields.iter().find(|(its_name, _)| *its_name == name).map(|(_, value)| value.as_str());
        let named = shown.as_deref().or_else(|| form.value("username"));
        let named = named.and_then(|name| self.people.get(name)).copied();
        if let (Some(person), Some(PASSWORD)) = (named, field("password")) {
            ledger.passwords.entry(person).or_default().push(now);
        }
        if field("code") == Some(&code_of(&self.test_app.seed.tom_seed, now)) {
            ledger.codes.entry(self.test_app.seed.tom).or_default().push(now);
        }
        ledger.allowed |= page.url.path() == "/consent" && field("decision") == Some("allow");
        Some(self.walkers[who].browser.send(form.submit()).await)
    }

    async fn check(&mut self, who: usize, answer: &Answer) {
        self.issued += 1;
        let now = self.test_app.clock.now();
        let grant = grant_of(self.test_app, answer).await;
        let ledger = &self.walkers[who].ledger;
        let index: usize =
            answer.state().and_then(|state| state.strip_prefix("ask-")).unwrap().parse().unwrap();
        let asked = &self.asked[index];
        assert_eq!(asked.browser, who, "a request of the other browser is answered here");
        let since_sign_out = |times: &&Timestamp| ledger.signed_out_at.is_none_or(|ended| **times >= ended);
        let times = |proofs: &BTreeMap<PersonId, Vec<Timestamp>>| -> BTreeSet<Timestamp> {
            proofs.get(&grant.person_id).into_iter().flatten().filter(since_sign_out).copied().collect()
        };
        let (passwords, codes) = (times(&ledger.passwords), times(&ledger.codes));
        assert!(!passwords.is_empty(), "a code for {} without their password", grant.person_id);
        let is_strong = grant.acr.as_deref() == Some("2fa");
        assert!(!is_strong || !codes.is_empty(), "2fa without a code");
        assert!(is_strong || grant.person_id != self.test_app.seed.tom, "Tom's pool asks for two factors");
        assert!(is_strong || asked.ask.iter().all(|(name, _)| *name != "claims"), "an essential acr");
        assert!(
            passwords.contains(&grant.auth_time) || codes.contains(&grant.auth_time),
            "auth_time is real"
        );
        let is_fresh = passwords.iter().any(|at| *at >= asked.at);
        assert!(is_fresh || !asked.ask.contains(&("prompt", "login")), "prompt=login without a password");
        let is_recent = now.unix_seconds() - grant.auth_time.unix_seconds() <= 20;
        assert!(is_fresh || is_recent || !asked.ask.contains(&("max_age", "20")), "max_age");
        let is_consented = self.walkers.iter().any(|walker| walker.ledger.allowed);
        assert!(is_consented || asked.client == "quiet_app", "no consent");
    }
}

fn secret(is_right: bool) -> String {
    if is_right { PASSWORD.to_owned() } else { "wrong".to_owned() }
}

#[test]
fn no_walk_gets_a_code_for_more_than_was_proved() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let test_app = runtime.block_on(TestApp::new());
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let who = prop::bool::weighted(0.25).prop_map(usize::from);
    let walks = proptest::collection::vec((who, act()), 8..=20);
    let issued = std::cell::Cell::new(0);
    let walked = TestRunner::new(config).run(&walks, |acts| {
        runtime.block_on(async {
            // Lockouts and sessions end; consent is deleted, so that each walk asks for it.
            test_app.clock.advance(40 * 24 * 3600);
            forget_consent(&test_app).await;
            let mut walk = Walk::begin(&test_app).await;
            for (who, act) in &acts {
                test_app.clock.advance(1);
                walk.step(*who, act).await;
            }
            issued.set(issued.get() + walk.issued);
        });
        Ok(())
    });
    walked.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(issued.get() > 30, "the walks go far enough to mean something: {} codes", issued.get());
}

async fn forget_consent(test_app: &TestApp) {
    let tx = test_app.app.storage.begin().await.unwrap();
    for person in [test_app.seed.grace, test_app.seed.gus, test_app.seed.tom] {
        let now = test_app.clock.now();
        countersign::storage::consents::save(&tx, test_app.seed.app, person, "", now).await.unwrap();
    }
    tx.commit().await.unwrap();
}
