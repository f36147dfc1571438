use super::provider::Provider;
use openidconnect::core::{CoreAuthenticationFlow, CoreResponseType};
use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    Scope,
};
use url::Url;

/// The `acr` that the reports request.
pub const STRONGER_ACR: &str = "2fa";

/// The page to show after a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The first page.
    Home,
    /// The notes, which any session may read.
    Notes,
    /// The reports, which request the stronger sign-in.
    Reports,
}

impl Destination {
    /// Parses a page name; another name means the first page.
    pub fn named(name: Option<&str>) -> Self {
        match name {
            Some("notes") => Self::Notes,
            Some("reports") => Self::Reports,
            _ => Self::Home,
        }
    }

    /// The path to redirect to after the sign-in.
    pub fn after_sign_in(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Notes => "/notes",
            Self::Reports => "/reports?asked",
        }
    }
}

/// A pending sign-in: the values for checking the authorization response.
#[derive(Debug)]
pub struct PendingSignIn {
    /// The value of the browser cookie that started it.
    pub browser: String,
    /// The page to show afterwards.
    pub destination: Destination,
    /// The nonce that the ID token must contain.
    pub nonce: Nonce,
    /// The PKCE code verifier (RFC 7636).
    pub pkce_verifier: PkceCodeVerifier,
}

/// Builds an authorization request: its URL, its `state`, and the pending sign-in to keep.
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
        // RFC 9470 §4, OpenID Connect Core §3.1.2.1: `acr_values` is voluntary; the ID token reports the
        // reached `acr`.
        request = request.add_auth_context_value(AuthenticationContextClass::new(STRONGER_ACR.to_owned()));
    }
    let (url, state, nonce) = request.url();
    (url, state, PendingSignIn { browser, destination, nonce, pkce_verifier })
}
