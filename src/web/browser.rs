//! A browser's request besides its form: its context and its two cookies.

use super::context::context;
use crate::{
    actions::sign_in::{BrowserCookies, Visit},
    app::{App, RequestContext, Tenant},
    audit::Via,
    fault::Fault,
    http::cookies::{Cookie, token_hash},
    limits::lifetimes::BROWSER_COOKIE_LIFETIME,
    storage::sessions,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderValue;
use poem::Request;
use std::sync::Arc;

/// A browser, known by its cookies, and the context of its request.
#[derive(Clone)]
pub struct Browser {
    /// The context of the request. The actor is anonymous: the cookies are not checked yet.
    pub context: RequestContext,
    /// The cookie that identifies this browser.
    token: Option<String>,
    /// Both cookies, as use cases see them.
    cookies: BrowserCookies,
}

/// A browser with its cookie, and the `Set-Cookie` header when the cookie is new.
pub struct KnownBrowser {
    token: String,
    tenant: Arc<Tenant>,
    /// The `Set-Cookie` header when the cookie is new.
    pub set_cookie: Option<HeaderValue>,
}

impl Browser {
    /// Reads `request`, which came by the interface `via`.
    ///
    /// # Errors
    /// Those of [`context`].
    pub async fn of(app: &App, request: &Request, via: Via) -> Result<Self, Fault> {
        let context = context(app, request, via).await?;
        let cookie = |cookie| context.tenant.cookies.read(cookie, request.headers());
        let (token, session) = (cookie(Cookie::Browser).map(str::to_owned), cookie(Cookie::Session));
        let cookies =
            BrowserCookies { browser: token.as_deref().map(token_hash), session: session.map(token_hash) };
        Ok(Self { context, token, cookies })
    }

    /// Returns this request as use cases of a sign-in see it.
    pub fn visit<'a>(&'a self, app: &'a App) -> Visit<'a> {
        Visit { app, context: &self.context, cookies: &self.cookies }
    }

    /// Returns this browser, with a new cookie when it has none.
    pub fn known_browser(&self, app: &App) -> KnownBrowser {
        match &self.token {
            Some(token) => KnownBrowser {
                token: token.clone(),
                tenant: Arc::clone(&self.context.tenant),
                set_cookie: None,
            },
            None => {
                let token = app.entropy.secret();
                let tenant = &self.context.tenant;
                let set_cookie = tenant.cookies.set(Cookie::Browser, &token, Some(BROWSER_COOKIE_LIFETIME));
                KnownBrowser { token, tenant: Arc::clone(tenant), set_cookie }
            }
        }
    }

    /// Returns this browser with the cookie that it gets in the response.
    pub fn as_known(&self, known: &KnownBrowser) -> Self {
        let cookies = known.cookies(self);
        Self { context: self.context.clone(), token: Some(known.token.clone()), cookies }
    }

    /// Returns the SHA-256 of the browser's cookie, to which a sign-in is bound; `None` when it has none.
    pub fn hash(&self) -> Option<Vec<u8>> {
        self.cookies.browser.clone()
    }

    /// Finds this browser's session that has neither ended nor expired.
    pub async fn session(&self, app: &App) -> Result<Option<sessions::BrowserSession>, Fault> {
        match &self.cookies.session {
            Some(token_hash) => {
                let workspace = self.context.tenant.workspace.id;
                sessions::find(&app.storage, workspace, token_hash, self.context.now).await
            }
            None => Ok(None),
        }
    }

    /// Finds this browser's session that was not ended, even when it has expired: for a sign-out.
    pub async fn session_to_end(&self, app: &App) -> Result<Option<sessions::BrowserSession>, Fault> {
        match &self.cookies.session {
            Some(token_hash) => {
                sessions::find_not_ended(&app.storage, self.context.tenant.workspace.id, token_hash).await
            }
            None => Ok(None),
        }
    }

    /// Returns whether the request has a session cookie, valid or not.
    pub fn brings_session(&self) -> bool {
        self.cookies.session.is_some()
    }

    /// Returns the CSRF token of this browser's forms.
    pub fn form_token(&self, app: &App) -> String {
        form_token(app, &self.context.tenant, self.token.as_deref().unwrap_or_default())
    }

    /// Returns whether `token` is this browser's CSRF token.
    pub fn is_own_form(&self, app: &App, token: &str) -> bool {
        let Some(browser) = &self.token else { return false };
        let Ok(tag) = URL_SAFE_NO_PAD.decode(token) else { return false };
        app.sealing.csrf().verify(&form_token_parts(&self.context.tenant, browser), &tag)
    }
}

impl KnownBrowser {
    /// Like [`Browser::form_token`].
    pub fn form_token(&self, app: &App) -> String {
        form_token(app, &self.tenant, &self.token)
    }

    /// Returns the cookies with which `browser` will be known.
    pub fn cookies(&self, browser: &Browser) -> BrowserCookies {
        BrowserCookies { browser: Some(token_hash(&self.token)), session: browser.cookies.session.clone() }
    }
}

fn form_token(app: &App, tenant: &Tenant, browser: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.sealing.csrf().tag(&form_token_parts(tenant, browser)))
}

/// Returns the values to which a CSRF token is bound. At the root it is the cookie alone, as in earlier versions.
fn form_token_parts<'a>(tenant: &'a Tenant, browser: &'a str) -> Vec<&'a [u8]> {
    let workspace: Option<&[u8]> = (!tenant.is_root()).then(|| tenant.workspace.id.0.as_bytes().as_slice());
    std::iter::once(browser.as_bytes()).chain(workspace).collect()
}
