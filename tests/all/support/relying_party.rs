//! A relying party with the checks of a real one.
//!
//! Never trusts a response: a wrong `state`, `iss`, `nonce`, signature or `at_hash` fails the test at once.
//! Errors that the protocol defines are returned. Spec: RFC 6749 §4.1, RFC 7636, RFC 9207, OpenID Connect
//! Core §3.1 and §12, Discovery §4.

use super::{
    fixed_clock::FixedClock,
    http_client::HttpClient,
    id_token::{Expected, verify},
    page::Page,
    seeded_entropy::SeededEntropy,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign::{clock::Clock, entropy::Entropy};
use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Bytes;
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// The client authentication method at the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
    /// `none`: a public client.
    None,
}

/// The registration at the provider.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The provider's issuer identifier, as documented for developers.
    pub issuer: String,
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret; empty for a public client.
    pub client_secret: String,
    /// Its redirect URI.
    pub redirect_uri: String,
    /// Its client authentication method.
    pub authentication: Authentication,
}

/// The application.
#[derive(Clone)]
pub struct RelyingParty {
    /// Its registration.
    pub registration: Registration,
    http_client: HttpClient,
    clock: FixedClock,
    entropy: SeededEntropy,
}

/// An authorization request, with the values that the application keeps until the response.
#[derive(Clone, Debug)]
pub struct Ask {
    endpoint: Url,
    /// The request's parameters; a test may change them.
    pub parameters: BTreeMap<String, String>,
    verifier: String,
}

/// The checked response of the token endpoint.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// The refresh token, if there is one.
    pub refresh_token: Option<String>,
    /// The ID token in compact form, for `id_token_hint`.
    pub id_token: String,
    /// The ID token's verified claims.
    pub claims: Value,
    /// The whole response.
    pub answer: Value,
}

/// An error that the protocol provides for (RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The HTTP status; 303 for an error that came by redirect.
    pub status: StatusCode,
    /// The registered code.
    pub error: String,
    /// The `error_description`.
    pub description: String,
}

impl Ask {
    /// Sends a further parameter, or another value of one.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Leaves a parameter out.
    pub fn without(mut self, name: &str) -> Self {
        self.parameters.remove(name);
        self
    }

    /// The URL of the authorization request.
    pub fn address(&self) -> String {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut().extend_pairs(&self.parameters);
        url.into()
    }
}

impl RelyingParty {
    /// An application that calls the provider by `http_client` and uses `clock`.
    pub fn new(http_client: HttpClient, clock: FixedClock, registration: Registration) -> Self {
        Self { registration, http_client, clock, entropy: SeededEntropy::named("relying party") }
    }

    /// The provider's metadata, its issuer checked (Discovery §4.3).
    pub async fn metadata(&self) -> Value {
        let metadata =
            self.get(&format!("{}/.well-known/openid-configuration", self.registration.issuer)).await;
        assert_eq!(metadata["issuer"], self.registration.issuer.as_str(), "discovery names another issuer");
        metadata
    }

    /// The provider's JWK set (RFC 7517 §5).
    pub async fn jwks(&self) -> Value {
        self.get(self.endpoint("jwks_uri").await.as_str()).await
    }

    /// An authorization request with everything a careful client sends: `state`, `nonce`, PKCE.
    pub async fn ask(&self) -> Ask {
        let entropy: &dyn Entropy = &self.entropy;
        let (state, nonce, verifier) = (entropy.nonce(), entropy.nonce(), entropy.secret());
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.registration.client_id),
            ("redirect_uri", &self.registration.redirect_uri),
            ("scope", "openid profile email"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let parameters =
            parameters.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ask { endpoint: self.endpoint("authorization_endpoint").await, parameters, verifier }
    }

    /// Returns the code or the error that the browser brought to the redirect URI.
    pub fn receive(&self, ask: &Ask, page: &Page) -> Result<String, OAuthError> {
        let arrival =
            page.departure.as_ref().unwrap_or_else(|| panic!("not sent back to us: {}", page.summary()));
        let expected = &ask.parameters["redirect_uri"];
        assert!(arrival.as_str().starts_with(expected.as_str()), "sent to {arrival}, expected {expected}");
        let fragment = arrival.fragment().unwrap_or_default();
        assert_eq!(fragment, "", "an answer in the fragment was not asked for");
        let mut given = BTreeMap::new();
        for (name, value) in arrival.query_pairs().into_owned() {
            assert!(given.insert(name.clone(), value).is_none(), "{name} came twice: {arrival}");
        }
        assert_eq!(given.get("state"), ask.parameters.get("state"), "state: {arrival}");
        assert_eq!(given.get("iss"), Some(&self.registration.issuer), "iss (RFC 9207): {arrival}");
        match (given.remove("code"), given.remove("error")) {
            (Some(code), None) => Ok(code),
            (None, Some(error)) => {
                let description = given.remove("error_description").unwrap_or_default();
                Err(OAuthError { status: StatusCode::SEE_OTHER, error, description })
            }
            _ => panic!("expected either a code or an error: {arrival}"),
        }
    }

    /// Redeems the code and checks the ID token that comes with it.
    pub async fn redeem(&self, ask: &Ask, code: &str) -> Result<Tokens, OAuthError> {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", ask.parameters["redirect_uri"].as_str()),
        ];
        if ask.parameters.contains_key("code_challenge") {
            fields.push(("code_verifier", &ask.verifier));
        }
        let answer = self.token_request(&fields).await?;
        Ok(self.check(answer, ask.parameters.get("nonce").map(String::as_str)).await)
    }

    /// Refreshes the tokens; the ID token has the same `sub` and `auth_time`, and no nonce (Core §12.2).
    pub async fn refresh(&self, tokens: &Tokens) -> Result<Tokens, OAuthError> {
        let token = tokens.refresh_token.as_deref().expect("a refresh token");
        let answer = self.token_request(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await?;
        let fresh = self.check(answer, None).await;
        for name in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(fresh.claims[name], tokens.claims[name], "{name} changed at a refresh");
        }
        Ok(fresh)
    }

    /// The claims about the person; `sub` must be the ID token's (Core §5.3.2).
    pub async fn userinfo(&self, tokens: &Tokens) -> Result<Value, OAuthError> {
        let request = Request::get(self.endpoint("userinfo_endpoint").await.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access_token));
        let claims = read(self.http_client.send(request.body(Bytes::new()).expect("a request")).await)?;
        assert_eq!(claims["sub"], tokens.claims["sub"], "userinfo speaks of someone else");
        Ok(claims)
    }

    /// Introspects a token (RFC 7662).
    pub async fn introspect(&self, token: &str) -> Result<Value, OAuthError> {
        read(self.post("introspection_endpoint", &[("token", token)]).await)
    }

    /// Revokes a token (RFC 7009).
    pub async fn revoke(&self, token: &str) -> StatusCode {
        self.post("revocation_endpoint", &[("token", token)]).await.status()
    }

    /// Sends any token request unchanged, also malformed ones.
    pub async fn token_request(&self, fields: &[(&str, &str)]) -> Result<Value, OAuthError> {
        let response = self.post("token_endpoint", fields).await;
        let caching = response.headers().get(header::CACHE_CONTROL).cloned();
        assert_eq!(caching.as_ref().map(|value| value.as_bytes()), Some(&b"no-store"[..]), "RFC 6749 §5.1");
        read(response)
    }

    async fn check(&self, answer: Value, nonce: Option<&str>) -> Tokens {
        assert!(
            answer["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")),
            "{answer}"
        );
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        let access_token = text("access_token").expect("an access token");
        let id_token = text("id_token").expect("an ID token");
        let expected = Expected {
            issuer: &self.registration.issuer,
            client_id: &self.registration.client_id,
            nonce,
            access_token: &access_token,
            now: self.clock.now(),
        };
        let keys: JwkSet = serde_json::from_value(self.jwks().await).expect("a key set");
        let claims =
            verify(&id_token, &keys, &expected).unwrap_or_else(|wrong| panic!("the ID token: {wrong}"));
        Tokens { refresh_token: text("refresh_token"), access_token, id_token, claims, answer }
    }

    async fn endpoint(&self, name: &str) -> Url {
        let metadata = self.metadata().await;
        let address = metadata[name].as_str().unwrap_or_else(|| panic!("discovery names no {name}"));
        Url::parse(address).expect("an absolute URL")
    }

    async fn get(&self, address: &str) -> Value {
        let response =
            self.http_client.send(Request::get(address).body(Bytes::new()).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        serde_json::from_slice(response.body()).expect("JSON")
    }

    async fn post(&self, endpoint: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
        let Registration { client_id, client_secret, authentication, .. } = &self.registration;
        let mut fields = fields.to_vec();
        let mut request = Request::builder().method(Method::POST).uri(self.endpoint(endpoint).await.as_str());
        match authentication {
            Authentication::Basic => {
                let pair = STANDARD.encode(format!("{client_id}:{client_secret}"));
                request = request.header(header::AUTHORIZATION, format!("Basic {pair}"));
            }
            Authentication::Post => {
                fields.extend([("client_id", client_id.as_str()), ("client_secret", client_secret)])
            }
            Authentication::None => fields.push(("client_id", client_id)),
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.http_client.send(request.body(body.into()).expect("a request")).await
    }
}

fn read(response: Response<Bytes>) -> Result<Value, OAuthError> {
    let status = response.status();
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if status == StatusCode::OK {
        return Ok(body);
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Err(OAuthError { status, error: text("error"), description: text("error_description") })
}

mod kept;
mod tests;
