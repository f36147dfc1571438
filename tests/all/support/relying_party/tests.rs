use super::super::{browser::Browser, fixed_clock::DAWN, signing_key::SigningKey};
use super::*;
use poem::{Route, endpoint::make};
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

const ISSUER: &str = "http://localhost:8080";

/// A minimal provider that issues a code for every request, and keeps the last form that it received.
#[derive(Clone)]
struct Provider {
    key: Arc<SigningKey>,
    nonce: Arc<Mutex<Option<String>>>,
    received: Arc<Mutex<String>>,
}

impl Provider {
    fn http_client(&self) -> HttpClient {
        let site = Route::new()
            .at("/.well-known/openid-configuration", self.answer(|_, _| Ok(metadata())))
            .at("/jwks.json", self.answer(|provider, _| Ok(json!({"keys": [provider.key.published()]}))))
            .at("/token", self.answer(Self::token))
            .at("/userinfo", self.answer(|_, body| userinfo(body)))
            .at("/introspect", self.answer(|_, _| Ok(json!({"active": false}))))
            .at("/revoke", self.answer(|_, _| Ok(json!(null))))
            .at("/authorize", self.authorize());
        HttpClient::in_process(site, SocketAddr::from(([192, 0, 2, 7], 4711)))
    }

    fn answer(&self, make_body: fn(&Self, &str) -> Result<Value, Value>) -> impl poem::Endpoint + use<> {
        let provider = self.clone();
        make(move |request: poem::Request| {
            let provider = provider.clone();
            async move {
                let has_form = request.method() == Method::POST;
                let authorization = request.header("authorization").unwrap_or("-").to_owned();
                let received = format!("{authorization} {}", request.into_body().into_string().await?);
                let made = make_body(&provider, &received);
                if has_form {
                    *provider.received.lock().expect("the lock is not poisoned") = received;
                }
                let status = if made.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
                let body = made.unwrap_or_else(|error| error).to_string();
                let response =
                    poem::Response::builder().status(status).header("cache-control", "no-store").body(body);
                Ok::<_, poem::Error>(response)
            }
        })
    }

    fn authorize(&self) -> impl poem::Endpoint + use<> {
        let nonce = self.nonce.clone();
        make(move |request: poem::Request| {
            let given: BTreeMap<String, String> = request.params().expect("a query");
            *nonce.lock().expect("the lock is not poisoned") = given.get("nonce").cloned();
            let mut back = Url::parse(&given["redirect_uri"]).expect("a URL");
            let iss = given.get("iss").map_or(ISSUER, String::as_str);
            let result =
                if given.contains_key("refuse") { ("error", "access_denied") } else { ("code", "c") };
            back.query_pairs_mut().append_pair("state", &given["state"]).append_pair("iss", iss);
            back.query_pairs_mut().append_pair(result.0, result.1);
            let response =
                poem::Response::builder().status(StatusCode::SEE_OTHER).header("location", back.as_str());
            async move { Ok::<_, poem::Error>(response.finish()) }
        })
    }

    fn token(&self, received: &str) -> Result<Value, Value> {
        if received.contains("code=old") {
            return Err(json!({"error": "invalid_grant", "error_description": "the code was redeemed"}));
        }
        let now = DAWN.unix_seconds();
        let mut claims = json!({
            "iss": ISSUER, "sub": "per_1", "aud": "shop", "iat": now, "exp": now + 300, "auth_time": now,
        });
        if received.contains("grant_type=authorization_code") {
            claims["nonce"] = json!(*self.nonce.lock().expect("the lock is not poisoned"));
        }
        let id_token = self.key.sign(&json!({"alg": "ES256", "kid": self.key.thumbprint()}), &claims);
        let tokens = json!({
            "access_token": "at", "refresh_token": "rt", "token_type": "Bearer", "id_token": id_token,
        });
        Ok(tokens)
    }
}

fn metadata() -> Value {
    let at = |path: &str| format!("{ISSUER}{path}");
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/jwks.json"),
        "userinfo_endpoint": at("/userinfo"), "introspection_endpoint": at("/introspect"),
        "revocation_endpoint": at("/revoke"),
    })
}

fn userinfo(received: &str) -> Result<Value, Value> {
    if received.starts_with("Bearer at ") {
        return Ok(json!({"sub": "per_1", "name": "Alice"}));
    }
    Err(json!({"error": "invalid_token"}))
}

fn parties(authentication: Authentication) -> (Provider, RelyingParty, Browser) {
    let (key, received) = (Arc::new(SigningKey::generate()), Arc::default());
    let provider = Provider { key, nonce: Arc::default(), received };
    let registration = Registration {
        issuer: ISSUER.to_owned(),
        client_id: "shop".to_owned(),
        client_secret: "s3cret".to_owned(),
        redirect_uri: "https://shop.example.com/callback".to_owned(),
        authentication,
    };
    let party = RelyingParty::new(provider.http_client(), FixedClock::at_dawn(), registration);
    let browser = Browser::new(provider.http_client(), ISSUER);
    (provider, party, browser)
}

impl Provider {
    fn last(&self) -> String {
        self.received.lock().expect("the lock is not poisoned").clone()
    }
}

#[tokio::test]
async fn a_sign_in_ends_in_checked_tokens() {
    let (provider, party, mut browser) = parties(Authentication::Basic);
    let ask = party.ask().await;
    let page = browser.arrive("https://shop.example.com", &ask.address()).await;
    let code = party.receive(&ask, &page).expect("a code");
    let tokens = party.redeem(&ask, &code).await.expect("tokens");
    assert_eq!(tokens.claims["sub"], "per_1");
    assert_eq!(tokens.answer["id_token"], tokens.id_token.as_str());
    let fresh = party.refresh(&tokens).await.expect("fresh tokens");
    assert_eq!(fresh.claims.get("nonce"), None);
    assert_eq!(party.userinfo(&tokens).await.expect("claims")["name"], "Alice");
    assert_eq!(party.introspect("at").await, Ok(json!({"active": false})));
    assert_eq!(party.revoke("at").await, StatusCode::OK);
    assert_eq!(provider.last(), "Basic c2hvcDpzM2NyZXQ= token=at");
}

#[tokio::test]
async fn a_secret_is_shown_the_way_that_was_registered() {
    let cases = [
        (Authentication::Post, "- token=at&client_id=shop&client_secret=s3cret"),
        (Authentication::None, "- token=at&client_id=shop"),
    ];
    for (authentication, expected) in cases {
        let (provider, party, _) = parties(authentication);
        party.revoke("at").await;
        assert_eq!(provider.last(), expected);
    }
}

#[tokio::test]
async fn the_verifier_goes_along_exactly_when_a_challenge_was_sent() {
    let (provider, party, _) = parties(Authentication::Basic);
    let ask = party.ask().await.without("nonce");
    party.redeem(&ask, "c").await.expect("tokens");
    assert!(provider.last().contains("&code_verifier="), "{}", provider.last());
    party.redeem(&ask.without("code_challenge"), "c").await.expect("tokens");
    assert!(!provider.last().contains("code_verifier"), "{}", provider.last());
}

#[tokio::test]
async fn a_refusal_is_returned() {
    let (_, party, mut browser) = parties(Authentication::Basic);
    let ask = party.ask().await.with("refuse", "1");
    let page = browser.arrive("https://shop.example.com", &ask.address()).await;
    assert_eq!(party.receive(&ask, &page).expect_err("an error").error, "access_denied");
    let refused = party.redeem(&ask, "old").await.expect_err("an error");
    let expected = (StatusCode::BAD_REQUEST, "invalid_grant", "the code was redeemed");
    assert_eq!((refused.status, refused.error.as_str(), refused.description.as_str()), expected);
}

#[tokio::test]
#[should_panic(expected = "iss (RFC 9207)")]
async fn an_answer_of_another_issuer_is_noticed() {
    let (_, party, mut browser) = parties(Authentication::Basic);
    let ask = party.ask().await.with("iss", "https://mixed.example");
    let page = browser.arrive("https://shop.example.com", &ask.address()).await;
    let _ = party.receive(&ask, &page);
}

#[tokio::test]
#[should_panic(expected = "state")]
async fn an_answer_to_another_request_is_noticed() {
    let (_, party, mut browser) = parties(Authentication::Basic);
    let (ask, other) = (party.ask().await, party.ask().await);
    let page = browser.arrive("https://shop.example.com", &other.address()).await;
    let _ = party.receive(&ask, &page);
}

#[tokio::test]
#[should_panic(expected = "the ID token: nonce")]
async fn an_id_token_for_another_request_is_noticed() {
    let (_, party, mut browser) = parties(Authentication::Basic);
    let (ask, other) = (party.ask().await, party.ask().await);
    browser.arrive("https://shop.example.com", &other.address()).await;
    let _ = party.redeem(&ask, "c").await;
}
