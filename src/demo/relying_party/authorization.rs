use super::provider::Provider;
use openidconnect::core::{CoreAuthenticationFlow, CoreResponseType};
use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    Scope,
};
use url::Url;

/// The class that the reports ask for.
pub const STRONGER_ACR: &str = "2fa";

/// Which page someone was on the way to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The first page.
    Home,
    /// The page for anyone who is signed in.
    Notes,
    /// The page that asks for the stronger sign-in.
    Reports,
}

impl Destination {
    /// The page of that name, the first page for any other.
    pub fn named(name: Option<&str>) -> Self {
        match name {
            Some("notes") => Self::Notes,
            Some("reports") => Self::Reports,
            _ => Self::Home,
        }
    }

    /// Where the browser goes once the provider has answered.
    pub fn after_sign_in(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Notes => "/notes",
            Self::Reports => "/reports?asked",
        }
    }
}

/// A sign-in that is under way: what the answer will be checked against.
#[derive(Debug)]
pub struct PendingSignIn {
    /// The browser that started it.
    pub browser: String,
    /// Where it was going.
    pub destination: Destination,
    /// What the ID token must repeat.
    pub nonce: Nonce,
    /// What the code is worth nothing without.
    pub pkce_verifier: PkceCodeVerifier,
}

/// An authorization request: the URL, the `state` in it, and what to keep until the answer.
pub fn authorization_request(
    provider: &Provider,
    browser: String,
    destination: Destination,
) -> (Url, CsrfToken, PendingSignIn) {
    let (pkce_challenge, pkce_verifier) = PkceCodeChallenge::new_random_sha256();
    let flow: AuthenticationFlow<CoreResponseType> = CoreAuthenticationFlow::AuthorizationCode;
    let mut request = provider
        .client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "address", "phone"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(pkce_challenge);
    if destination == Destination::Reports {
        // RFC 9470 §4, OpenID Connect Core §3.1.2.1: asked for, not demanded; the answer says what was reached.
        request = request.add_auth_context_value(AuthenticationContextClass::new(STRONGER_ACR.to_owned()));
    }
    let (url, state, nonce) = request.url();
    (url, state, PendingSignIn { browser, destination, nonce, pkce_verifier })
}
