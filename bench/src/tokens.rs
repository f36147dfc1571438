use crate::browser::{Arrival, Browser, Page};
use crate::demo::{Described, REDIRECT_URI};
use crate::load::{Body, connect, exchange, source};
use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use form_urlencoded::Serializer;
use hyper::{Method, Request, StatusCode, header};
use serde::Deserialize;
use url::Url;

/// A confidential client.
#[derive(Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// `Basic …`
    pub authorization: String,
}

impl Client {
    /// Creates one from id and secret (RFC 6749 §2.3.1); neither contains a character that form encoding
    /// changes.
    pub fn new(id: &str, secret: &str) -> Self {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        Self { id: id.to_owned(), authorization }
    }

    /// The client of the demo.
    pub fn of(demo: &Described) -> Self {
        Self::new(&demo.client_id, &demo.client_secret)
    }
}

/// The used members of the token response.
#[derive(Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The ID token.
    pub id_token: String,
}

impl Tokens {
    /// The algorithm in the ID token's header.
    pub fn algorithm(&self) -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Header {
            alg: String,
        }
        let header = self.id_token.split('.').next().unwrap_or_default();
        Ok(serde_json::from_slice::<Header>(&URL_SAFE_NO_PAD.decode(header)?)?.alg)
    }
}

/// The result of sending the password.
pub enum SignIn {
    /// The code that the client received.
    Code(String),
    /// A page that requires another step.
    Waiting(Page),
}

/// The address at which a sign-in for this client begins.
pub fn authorization_request(issuer: &Url, client_id: &str) -> anyhow::Result<Url> {
    let mut url = issuer.join("/authorize")?;
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid profile email"),
        ("state", "s"),
    ]);
    Ok(url)
}

/// Signs in with a name and a password, and consents if asked.
pub async fn sign_in(
    browser: &mut Browser,
    demo: &Described,
    client: &Client,
    (username, password): (&str, &str),
) -> anyhow::Result<SignIn> {
    let mut arrival = browser.go(authorization_request(&demo.issuer, &client.id)?).await?;
    for _ in 0..5 {
        let page = match arrival {
            Arrival::Page(page) => page,
            Arrival::Away(url) => {
                let code = url.query_pairs().find(|(name, _)| name == "code");
                let (_, code) = code.with_context(|| format!("no code in {url}"))?;
                return Ok(SignIn::Code(code.into_owned()));
            }
        };
        arrival = match page.url.path() {
            "/signin/identifier" => {
                browser.submit(&page, &[("username", username), ("password", password)]).await?
            }
            "/signin/password" => browser.submit(&page, &[("password", password)]).await?,
            "/consent" => browser.submit(&page, &[("decision", "allow")]).await?,
            _ => return Ok(SignIn::Waiting(page)),
        };
    }
    bail!("the sign-in of {username} did not come to an end")
}

/// Signs a guest in from source `number` and returns the tokens.
pub async fn guest_tokens(demo: &Described, client: &Client, number: usize) -> anyhow::Result<Tokens> {
    let mut browser = Browser::open(source(number), &demo.issuer).await?;
    let guest = (demo.guest_username.as_str(), demo.guest_password.as_str());
    let SignIn::Code(code) = sign_in(&mut browser, demo, client, guest).await? else {
        bail!("a guest needs more than a password")
    };
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", REDIRECT_URI)];
    let mut sender = connect(source(number), demo.port()).await?;
    let response = exchange(&mut sender, post(demo, "/token", client, &fields)?).await?;
    let body = String::from_utf8_lossy(response.body());
    ensure!(response.status() == StatusCode::OK, "the code was answered {}: {body}", response.status());
    serde_json::from_slice(response.body()).context("the token response")
}

/// A form sent by an authenticated client.
pub fn post(
    demo: &Described,
    path: &str,
    client: &Client,
    fields: &[(&str, &str)],
) -> anyhow::Result<Request<Body>> {
    let form = Serializer::new(String::new()).extend_pairs(fields).finish();
    Ok(Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, demo.host())
        .header(header::AUTHORIZATION, &client.authorization)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))?)
}
