use crate::clock::{Clock, Timestamp};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::{Data, Form, Json};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, Server, get, handler, post};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

pub const CLIENT_ID: &str = "inkwell";
pub const CLIENT_SECRET: &str = "s3cret";
pub const APPLICATION: &str = "http://localhost:9999";
const NOW: i64 = 1_800_000_000;

/// A clock that does not advance.
pub struct StoppedClock;
impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(NOW * 1000)
    }
    fn sleep_until(&self, _at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

/// A misbehavior of the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lie {
    #[default]
    None,
    Nonce,
    Issuer,
    Audience,
    Key,
    Expired,
    AccessTokenHash,
    AnotherPersonAtUserInfo,
    NoIdToken,
}

/// The provider's state and behavior.
pub struct Story {
    pub lie: Lie,
    pub acr: &'static str,
    pub name: &'static str,
    pub is_down: bool,
    pub refuses_refresh: bool,
    /// The authorization request's parameters by code.
    codes: BTreeMap<String, BTreeMap<String, String>>,
    refreshes: u32,
}

/// A provider on loopback with a published and an unpublished key.
pub struct FakeProvider {
    pub issuer: String,
    key: EcdsaKeyPair,
    unpublished_key: EcdsaKeyPair,
    story: Mutex<Story>,
}

impl FakeProvider {
    pub async fn start() -> Arc<Self> {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
        let key = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let provider = Arc::new(Self {
            issuer: format!("http://127.0.0.1:{port}"),
            key: key(),
            unpublished_key: key(),
            story: Mutex::new(Story {
                lie: Lie::None,
                acr: "1fa",
                name: "Ada <b>Lovelace</b>",
                is_down: false,
                refuses_refresh: false,
                codes: BTreeMap::new(),
                refreshes: 0,
            }),
        });
        let routes = Route::new()
            .at("/.well-known/openid-configuration", get(discovery))
            .at("/jwks", get(jwks))
            .at("/token", post(token))
            .at("/userinfo", get(userinfo))
            .data(provider.clone());
        tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
        provider
    }

    pub fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().unwrap()
    }

    /// Issues a code for this request, as if the person had signed in.
    pub fn approve(&self, request: BTreeMap<String, String>) -> String {
        let mut story = self.story();
        let code = format!("code-{}", story.codes.len());
        story.codes.insert(code.clone(), request);
        code
    }

    fn id_token(&self, nonce: Option<&str>, access_token: &str) -> String {
        let (lie, acr) = {
            let story = self.story();
            (story.lie, story.acr)
        };
        let claimed = |truth: &str, about: Lie| {
            if lie == about { "https://another.example".to_owned() } else { truth.to_owned() }
        };
        let hash = digest(&SHA256, claimed(access_token, Lie::AccessTokenHash).as_bytes());
        let mut claims = json!({
            "iss": claimed(&self.issuer, Lie::Issuer), "sub": "per_ada",
            "aud": claimed(CLIENT_ID, Lie::Audience),
            "iat": NOW - 1, "exp": if lie == Lie::Expired { NOW - 1 } else { NOW + 300 },
            "auth_time": NOW - 60, "acr": acr, "amr": ["pwd"],
            "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]),
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = claimed(nonce, Lie::Nonce).into();
        }
        let key = if lie == Lie::Key { &self.unpublished_key } else { &self.key };
        let head = json!({"alg": "ES256", "kid": "k1"});
        let signed = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[handler]
async fn discovery(Data(provider): Data<&Arc<FakeProvider>>) -> Response {
    if provider.story().is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "end_session_endpoint": format!("{issuer}/signout"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

#[handler]
async fn jwks(Data(provider): Data<&Arc<FakeProvider>>) -> Json<Value> {
    let point = provider.key.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
    Json(json!({"keys": [
        {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k1", "x": x, "y": y},
    ]}))
}

#[handler]
async fn token(
    request: &Request,
    Form(form): Form<BTreeMap<String, String>>,
    Data(provider): Data<&Arc<FakeProvider>>,
) -> Response {
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    if request.header("authorization") != Some(&expected) {
        return refusal("invalid_client");
    }
    let (generation, nonce) = match form["grant_type"].as_str() {
        "authorization_code" => match provider.story().codes.remove(&form["code"]) {
            Some(asked) if is_same_client(&asked, &form) => (0, asked.get("nonce").cloned()),
            _ => return refusal("invalid_grant"),
        },
        _ => {
            let mut story = provider.story();
            let presented_the_last = form["refresh_token"] == format!("refresh-{}", story.refreshes);
            if story.refuses_refresh || !presented_the_last {
                return refusal("invalid_grant");
            }
            story.refreshes += 1;
            (story.refreshes, None)
        }
    };
    let access_token = format!("access-{generation}");
    let mut answer = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 300,
        "refresh_token": format!("refresh-{generation}"),
    });
    if provider.story().lie != Lie::NoIdToken {
        answer["id_token"] = provider.id_token(nonce.as_deref(), &access_token).into();
    }
    Json(answer).into_response()
}

/// Checks code verifier and redirect URI (RFC 7636 §4.6, RFC 6749 §4.1.3).
fn is_same_client(asked: &BTreeMap<String, String>, form: &BTreeMap<String, String>) -> bool {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
    asked["code_challenge"] == challenge && asked["redirect_uri"] == form["redirect_uri"]
}

fn refusal(error: &str) -> Response {
    Json(json!({"error": error, "error_description": "the fake provider says no"}))
        .with_status(StatusCode::BAD_REQUEST)
        .into_response()
}

#[handler]
async fn userinfo(request: &Request, Data(provider): Data<&Arc<FakeProvider>>) -> Response {
    let is_issued = request.header("authorization").is_some_and(|value| value.starts_with("Bearer access-"));
    if !is_issued {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let story = provider.story();
    let subject = if story.lie == Lie::AnotherPersonAtUserInfo { "per_eve" } else { "per_ada" };
    Json(json!({"sub": subject, "name": story.name, "email": "ada@example.com"})).into_response()
}
