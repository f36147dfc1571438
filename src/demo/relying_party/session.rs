use super::application::RelyingParty;
use super::identity::Identity;
use poem::web::cookie::{Cookie, CookieJar, SameSite};

/// The cookie with the session's id.
const SESSION_COOKIE: &str = "inkwell_session";
/// The cookie that binds a pending sign-in to its browser.
const BROWSER_COOKIE: &str = "inkwell_browser";

impl RelyingParty {
    /// Returns the identity of this browser's session.
    pub(super) fn signed_in(&self, cookies: &CookieJar) -> Option<Identity> {
        let session = cookies.get(SESSION_COOKIE)?;
        self.sessions().get(session.value_str(), self.clock.now()).cloned()
    }

    /// Starts a session under a new id, which prevents session fixation.
    pub(super) fn sign_in(&self, cookies: &CookieJar, identity: Identity) {
        self.sign_out(cookies);
        let session = self.entropy.secret();
        cookies.add(self.cookie(SESSION_COOKIE, &session));
        self.sessions().insert(session, identity, self.clock.now());
    }

    /// Replaces the identity of the session.
    pub(super) fn renew(&self, cookies: &CookieJar, identity: Identity) {
        if let Some(session) = cookies.get(SESSION_COOKIE)
            && let Some(kept) = self.sessions().get(session.value_str(), self.clock.now())
        {
            *kept = identity;
        }
    }

    /// Ends the session and returns its identity.
    pub(super) fn sign_out(&self, cookies: &CookieJar) -> Option<Identity> {
        let session = cookies.get(SESSION_COOKIE)?;
        cookies.remove(SESSION_COOKIE);
        self.sessions().take(session.value_str(), self.clock.now())
    }

    /// Returns the value of the browser cookie and sets it if missing; all tabs share it.
    pub(super) fn browser(&self, cookies: &CookieJar) -> String {
        match browser(cookies) {
            Some(browser) => browser,
            None => {
                let browser = self.entropy.secret();
                cookies.add(self.cookie(BROWSER_COOKIE, &browser));
                browser
            }
        }
    }

    fn cookie(&self, name: &str, value: &str) -> Cookie {
        let mut cookie = Cookie::new_with_str(name, value);
        cookie.set_http_only(true);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_secure(self.settings.base_url.starts_with("https://"));
        cookie.set_path("/");
        cookie
    }
}

/// Returns the received value of the browser cookie.
pub fn browser(cookies: &CookieJar) -> Option<String> {
    Some(cookies.get(BROWSER_COOKIE)?.value_str().to_owned())
}
