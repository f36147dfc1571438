//! The steps of a person at the pages of a sign-in, and the response to the application.

use super::{
    browser::Browser,
    page::Page,
    seed::{PASSWORD, REDIRECT_URI, Seed},
    test_app::{HOME, TestApp},
};
use ::entity::ids::{AuthenticatorId, PersonId};
use aws_lc_rs::digest::{SHA256, digest};
use countersign::{
    app::sealed_columns,
    clock::{Clock, Timestamp},
    factors::totp::secret_base32,
    storage::{
        authenticators::{self, NewGenerator},
        codes,
        grants::Grant,
    },
};
use std::collections::BTreeMap;
use url::Url;

/// The URL of an authorization request of `client_id`. `parameters` add to the usual ones or replace them; an
/// empty value removes one.
pub fn request(client_id: &str, parameters: &[(&str, &str)]) -> String {
    let mut all = BTreeMap::from([
        ("client_id", client_id),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "st-._~"),
    ]);
    all.extend(parameters.iter().copied());
    all.retain(|_, value| !value.is_empty());
    let mut url = Url::parse(HOME).and_then(|url| url.join("/authorize")).expect("a URL");
    url.query_pairs_mut().extend_pairs(all);
    url.into()
}

/// Types name and password into the first page.
pub async fn give_password(browser: &mut Browser, page: &Page, username: &str, password: &str) -> Page {
    let page = if page.url.path() == "/signin/password" {
        page.clone()
    } else {
        browser.send(page.form("username").fill("username", username).submit()).await
    };
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    browser.send(page.form("password").fill("password", password).submit()).await
}

/// Types a code.
pub async fn give_code(browser: &mut Browser, page: &Page, code: &str) -> Page {
    browser.send(page.form("code").fill("code", code).submit()).await
}

/// Signs in by password at `quiet_app`, which asks for no consent.
pub async fn sign_in(browser: &mut Browser, username: &str) -> Answer {
    let page = browser.go(&request("quiet_app", &[])).await;
    Answer::of(&give_password(browser, &page, username, PASSWORD).await)
}

/// Signs Tom in with both factors.
pub async fn sign_in_tom(browser: &mut Browser, seed: &Seed, clock: &dyn Clock) -> Answer {
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(browser, &page, "tom", PASSWORD).await;
    let page = to_code(browser, &page).await;
    Answer::of(&give_code(browser, &page, &code_of(&seed.tom_seed, clock.now())).await)
}

/// Switches from the requested second factor to the page that takes a code.
pub async fn to_code(browser: &mut Browser, page: &Page) -> Page {
    if page.url.path() == "/signin/totp" {
        return page.clone();
    }
    browser.go(&page.url.as_str().replace(page.url.path(), "/signin/totp")).await
}

/// The code of a generator with this seed at `now`.
pub fn code_of(seed: &[u8], now: Timestamp) -> String {
    let uri = format!("otpauth://totp/a?secret={}&algorithm=SHA1&digits=6&period=30", secret_base32(seed));
    let generator = totp_rs::Totp::from_url(uri).expect("an otpauth address");
    generator.generate(now.unix_seconds().unsigned_abs()).to_string()
}

/// The authorization response that the application receives.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The URL without the parameters.
    pub address: Url,
    /// Each parameter, once.
    pub parameters: BTreeMap<String, String>,
}

impl Answer {
    /// Reads the response on the page, a redirect or a form that submits itself.
    pub fn of(page: &Page) -> Self {
        Self::seek(page).unwrap_or_else(|| panic!("nothing goes back to the application: {}", page.summary()))
    }

    /// Reads the response on the page, if there is one.
    pub fn seek(page: &Page) -> Option<Self> {
        let mut parameters = BTreeMap::new();
        let (address, pairs) = match &page.departure {
            Some(address) => (address.clone(), address.query_pairs().into_owned().collect()),
            None => {
                let form = page.forms().into_iter().find(|form| form.action.origin() != page.url.origin())?;
                let form = form.submit();
                (form.action, form.fields)
            }
        };
        for (name, value) in pairs {
            assert!(parameters.insert(name.clone(), value).is_none(), "{name} came twice: {address}");
        }
        assert_eq!(parameters.get("iss").map(String::as_str), Some(HOME), "iss (RFC 9207): {address}");
        let is_code = parameters.contains_key("code");
        assert_ne!(is_code, parameters.contains_key("error"), "either a code or an error: {address}");
        Some(Self { address, parameters })
    }

    /// The code.
    pub fn code(&self) -> &str {
        self.parameters.get("code").unwrap_or_else(|| panic!("no code: {}", self.address))
    }

    /// The error; empty when there is a code.
    pub fn error(&self) -> &str {
        let Some(error) = self.parameters.get("error") else { return "" };
        let description = self.description();
        let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
        assert!(description.bytes().all(is_plain), "RFC 6749 §4.1.2.1: {description:?}");
        error
    }

    /// The `error_description`; empty when there is none.
    pub fn description(&self) -> &str {
        self.parameters.get("error_description").map_or("", String::as_str)
    }

    /// The `state`.
    pub fn state(&self) -> Option<&str> {
        self.parameters.get("state").map(String::as_str)
    }
}

/// Returns the grant of a code without redeeming it.
pub async fn grant_of(test_app: &TestApp, answer: &Answer) -> Grant {
    let hash = digest(&SHA256, answer.code().as_bytes());
    let (storage, workspace) = (&test_app.app.storage, test_app.seed.workspace);
    let found = codes::find(storage, workspace, hash.as_ref()).await.expect("an answer");
    found.unwrap_or_else(|| panic!("a code that is no code: {answer:?}")).1
}

/// Enrolls a code generator for a person and returns its seed.
pub async fn enroll_generator(test_app: &TestApp, person: PersonId) -> Vec<u8> {
    let now = test_app.clock.now();
    let id = AuthenticatorId(test_app.app.entropy.id(now));
    let seed = test_app.app.entropy.bytes::<20>().to_vec();
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    let totp_seed = test_app.app.sealing.rows().seal(&sealed_columns::totp_seed(id), &seed);
    let workspace_id = test_app.seed.workspace;
    let generator = NewGenerator { id, workspace_id, person_id: person, totp_seed, created_at: now };
    authenticators::insert_generator(&tx, generator).await.expect("a new one");
    tx.commit().await.expect("kept");
    seed
}
