//! Four more applications, for tests of the token, userinfo, introspection and revocation endpoints.
//!
//! Codes are inserted into storage like those of a finished sign-in.

use super::{
    http_client::HttpClient,
    relying_party::{Ask, Authentication, Registration, RelyingParty, Tokens},
    seed::SECRET,
    test_app::{HOME, TestApp},
};
use ::entity::ids::{BrowserSessionId, ClientKey, GrantId, PersonId};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign::{
    clock::Timestamp,
    directory::{Client, ClientSettings, SigningAlgorithm},
    protocol::{AuthorizationCode, ClaimsParameter},
    storage::{
        clients,
        codes::{self, AuthorizationCodeRow},
        grants::{self, Grant},
        people,
        sessions::{self, BrowserSession},
    },
};
use http::{Request, Response};
use hyper::body::Bytes;
use serde_json::Value;
use std::ops::Deref;

/// A server with four more applications.
pub struct TokenFixture {
    /// A confidential client with the defaults.
    pub shop: Client,
    /// Another confidential client.
    pub second: Client,
    /// A public client.
    pub public: Client,
    /// A confidential client with ID tokens signed by ES256.
    pub es256: Client,
    test_app: TestApp,
    http_client: HttpClient,
}

impl Deref for TokenFixture {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.test_app
    }
}

impl TokenFixture {
    /// Starts the server and registers the applications.
    pub async fn new() -> Self {
        let test_app = TestApp::new().await;
        let client = |name: &str| client(&test_app, name);
        let mut es256 = client("es256");
        es256.settings.id_token_signed_response_alg = SigningAlgorithm::ES256;
        let public = Client { secret_hash: None, ..client("public") };
        let (shop, second, http_client) =
            (client("shop"), client("second"), test_app.http_client_from("192.0.2.7"));
        let fixture = Self { shop, second, public, es256, http_client, test_app };
        let tx = fixture.app.storage.begin().await.expect("a transaction");
        for client in [&fixture.shop, &fixture.second, &fixture.public, &fixture.es256] {
            clients::insert_client(&tx, client, fixture.now()).await.expect("a client");
        }
        tx.commit().await.expect("all of them");
        fixture.app.directory.forget();
        fixture
    }

    /// The server's time.
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// The relying party of `client`.
    pub fn relying_party(&self, client: &Client) -> RelyingParty {
        let registration = Registration {
            issuer: HOME.to_owned(),
            client_id: client.client_id.clone(),
            client_secret: if client.is_public() { String::new() } else { SECRET.to_owned() },
            redirect_uri: client.settings.redirect_uris[0].clone(),
            authentication: if client.is_public() { Authentication::None } else { Authentication::Basic },
        };
        RelyingParty::new(self.http_client.clone(), self.clock.clone(), registration)
    }

    /// Issues a code for `ask` to Alice.
    pub async fn code(&self, ask: &Ask) -> String {
        self.code_of(self.seed.alice, ask).await
    }

    /// Issues a code for `ask` to `person`.
    pub async fn code_of(&self, person: PersonId, ask: &Ask) -> String {
        let now = self.now();
        let client =
            clients::find(&self.app.storage, self.seed.workspace, &ask.parameters["client_id"]).await;
        let client = client.expect("storage answers").expect("a registered client");
        let scopes = &ask.parameters["scope"];
        let claims = ask.parameters.get("claims").map(|text| {
            let claims = ClaimsParameter::parse(text).expect("a claims parameter");
            serde_json::to_value(claims).expect("JSON")
        });
        let session = self.session_of(person);
        let grant = Grant {
            id: GrantId(self.app.entropy.id(now)),
            workspace_id: self.seed.workspace,
            client_key: client.key,
            person_id: person,
            session_id: Some(session.id),
            ends_with_session: !scopes.contains("offline_access"),
            scopes: scopes.clone(),
            claims,
            auth_time: now.plus_seconds(-30),
            acr: Some("2fa".to_owned()),
            amr: "pwd pop swk user mfa".to_owned(),
            created_at: now,
            revoked_at: None,
            authenticator_id: None,
        };
        let code = AuthorizationCode::random(self.app.entropy.as_ref());
        let row = AuthorizationCodeRow {
            hash: code.hash().as_bytes().to_vec(),
            grant_id: grant.id,
            redirect_uri: ask.parameters["redirect_uri"].clone(),
            code_challenge: ask.parameters.get("code_challenge").cloned(),
            nonce: ask.parameters.get("nonce").cloned(),
            expires_at: now.plus_seconds(60),
            redeemed_at: None,
        };
        let tx = self.app.storage.begin().await.expect("a transaction");
        sessions::insert_session(&tx, &session).await.expect("a session");
        grants::insert_grant(&tx, grant).await.expect("a grant");
        codes::insert_code(&tx, row).await.expect("a code");
        tx.commit().await.expect("both");
        code.reveal().to_owned()
    }

    /// A session that lasts longer than any test.
    fn session_of(&self, person: PersonId) -> BrowserSession {
        let now = self.now();
        let token = self.app.entropy.bytes::<32>().to_vec();
        BrowserSession {
            id: BrowserSessionId(self.app.entropy.id(now)),
            token_hash: token.clone(),
            browser_hash: token,
            workspace_id: self.seed.workspace,
            person_id: person,
            proofs: Vec::new(),
            auth_time: now,
            created_at: now,
            // In the future, so that it is never idle.
            last_seen_at: now.plus_seconds(400 * 24 * 3600),
            expires_at: now.plus_seconds(400 * 24 * 3600),
            address: "192.0.2.1".to_owned(),
            agent: String::new(),
        }
    }

    /// Issues tokens of Alice to `client`, with these scopes.
    pub async fn tokens(&self, client: &Client, scopes: &str) -> Tokens {
        let shop = self.relying_party(client);
        let ask = shop.ask().await.with("scope", scopes);
        let code = self.code(&ask).await;
        shop.redeem(&ask, &code).await.expect("tokens")
    }

    /// Issues an access token of Alice to `shop` by a request that is not one of OpenID Connect; returns the whole
    /// response.
    pub async fn tokens_without_openid(&self) -> Value {
        let shop = self.relying_party(&self.shop);
        let ask = shop.ask().await.with("scope", "profile").without("code_challenge");
        let code = self.code(&ask).await;
        let redirect_uri = ask.parameters["redirect_uri"].as_str();
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", redirect_uri)];
        shop.token_request(&fields).await.expect("tokens")
    }

    /// Saves other settings for a client.
    pub async fn configure(&self, client: &Client, change: impl FnOnce(&mut ClientSettings)) {
        let mut settings = client.settings.clone();
        change(&mut settings);
        let tx = self.app.storage.begin().await.expect("a transaction");
        clients::save_settings(&tx, client.key, &settings).await.expect("settings");
        tx.commit().await.expect("saved");
        self.app.directory.forget();
    }

    /// Disables a client.
    pub async fn disable_client(&self, client: &Client) {
        let tx = self.app.storage.begin().await.expect("a transaction");
        clients::save_disabled(&tx, client.key, Some(self.now())).await.expect("disabled");
        tx.commit().await.expect("saved");
        self.app.directory.forget();
    }

    /// Disables a person.
    pub async fn disable_person(&self, person: PersonId) {
        let tx = self.app.storage.begin().await.expect("a transaction");
        people::save_disabled(&tx, person, Some(self.now())).await.expect("disabled");
        tx.commit().await.expect("saved");
    }

    /// Sends any request unchanged.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("{HOME}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.http_client.send(request.body(Bytes::from(body.to_owned())).expect("a request")).await
    }

    /// A form sent to `path`, with `authorization` as that header when it is not empty.
    pub async fn post(&self, path: &str, authorization: &str, form: &str) -> Response<Bytes> {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        if !authorization.is_empty() {
            headers.push(("authorization", authorization));
        }
        self.send("POST", path, &headers, form).await
    }
}

/// The `Authorization` header of `client_secret_basic`.
pub fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

fn client(test_app: &TestApp, name: &str) -> Client {
    Client {
        key: ClientKey(test_app.app.entropy.id(test_app.app.now())),
        workspace_id: test_app.seed.workspace,
        client_id: name.to_owned(),
        name: name.to_owned(),
        secret_hash: Some(digest(&SHA256, SECRET.as_bytes()).as_ref().to_vec()),
        previous_secret: None,
        settings: ClientSettings {
            redirect_uris: vec![format!("https://{name}.example/cb")],
            ..ClientSettings::default()
        },
        pools: vec![test_app.seed.people],
        is_disabled: false,
    }
}
