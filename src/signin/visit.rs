//! What a browser's request brings, beside its form.

use crate::{
    app::App,
    audit::AuditSource,
    clock::Timestamp,
    http::{
        cookies::{Cookie, Cookies},
        request_id::RequestId,
        source::Source,
    },
    limits::{lifetimes::BROWSER_COOKIE_LIFETIME, sizes::MAX_BROWSER_USER_AGENT_CHARS},
    storage::{Fault, Transaction, sessions},
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, header};
use poem::Request;

/// One request of a browser. `now` is the one instant of everything that it causes.
pub(super) struct Visit {
    /// The instant.
    pub now: Timestamp,
    /// Where it comes from.
    pub source: Source,
    /// The browser's name of itself, shortened.
    pub agent: String,
    /// The request's name.
    pub request_id: String,
    /// The cookie that tells this browser from others.
    browser: Option<String>,
    /// The cookie of someone who is signed in.
    session: Option<String>,
}

/// A browser that is known, with what has to be set when it was not known before.
pub(super) struct KnownBrowser {
    token: String,
    /// `Set-Cookie`, when it is new.
    pub set_cookie: Option<HeaderValue>,
}

impl Visit {
    /// What `request` brings.
    pub(super) fn of(app: &App, request: &Request) -> Self {
        let cookies = cookies(app);
        let cookie = |cookie| cookies.read(cookie, request.headers()).map(str::to_owned);
        let agent = request.header(header::USER_AGENT).unwrap_or_default();
        Self {
            now: app.now(),
            source: Source::of(request),
            agent: agent
                .chars()
                .filter(|letter| !letter.is_control())
                .take(MAX_BROWSER_USER_AGENT_CHARS)
                .collect(),
            request_id: RequestId::of(request).as_str().to_owned(),
            browser: cookie(Cookie::Browser),
            session: cookie(Cookie::Session),
        }
    }

    /// This browser, made known when it is not.
    pub(super) fn known_browser(&self, app: &App) -> KnownBrowser {
        match &self.browser {
            Some(token) => KnownBrowser { token: token.clone(), set_cookie: None },
            None => {
                let token = app.entropy.secret();
                let set_cookie = cookies(app).set(Cookie::Browser, &token, Some(BROWSER_COOKIE_LIFETIME));
                KnownBrowser { token, set_cookie }
            }
        }
    }

    /// SHA-256 of the browser's cookie: what a sign-in is bound to. `None` when it has none.
    pub(super) fn browser_hash(&self) -> Option<Vec<u8>> {
        self.browser.as_deref().map(hash)
    }

    /// The living session of this browser.
    pub(super) async fn session(&self, app: &App) -> Result<Option<sessions::BrowserSession>, Fault> {
        match &self.session {
            Some(token) => sessions::find(&app.storage, &hash(token), self.now).await,
            None => Ok(None),
        }
    }

    /// The same as the unit sees it: what it finds goes on being true until the unit ends, or the next write says so.
    pub(super) async fn session_in(
        &self,
        tx: &Transaction,
    ) -> Result<Option<sessions::BrowserSession>, Fault> {
        match &self.session {
            Some(token) => sessions::find(tx, &hash(token), self.now).await,
            None => Ok(None),
        }
    }

    /// Whether it brings a session's cookie, whatever that is worth.
    pub(super) fn brings_session(&self) -> bool {
        self.session.is_some()
    }

    /// What a form of this browser carries, so that no other site can send it.
    pub(super) fn form_token(&self, app: &App) -> String {
        form_token(app, self.browser.as_deref().unwrap_or_default())
    }

    /// Whether a form carries this browser's token.
    pub(super) fn is_own_form(&self, app: &App, token: &str) -> bool {
        let Some(browser) = &self.browser else { return false };
        let Ok(tag) = URL_SAFE_NO_PAD.decode(token) else { return false };
        app.sealing.csrf().verify(&[browser.as_bytes()], &tag)
    }

    /// For the audit trail.
    pub(super) fn audit_source(&self) -> AuditSource {
        AuditSource {
            address: Some(self.source.address.to_string()),
            agent: Some(self.agent.clone()),
            request_id: Some(self.request_id.clone()),
        }
    }
}

impl KnownBrowser {
    /// As [`Visit::form_token`].
    pub(super) fn form_token(&self, app: &App) -> String {
        form_token(app, &self.token)
    }

    /// As [`Visit::browser_hash`].
    pub(super) fn hash(&self) -> Vec<u8> {
        hash(&self.token)
    }
}

/// SHA-256 of a cookie, as it is stored.
pub(super) fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// How cookies are written here.
pub(super) fn cookies(app: &App) -> Cookies {
    app.cookies
}

fn form_token(app: &App, browser: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.sealing.csrf().tag(&[browser.as_bytes()]))
}
