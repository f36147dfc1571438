use crate::browser::{Arrival, Browser, Page};
use crate::demo::{Described, REDIRECT_URI};
use crate::load::{Body, connect, exchange, source};
use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use form_urlencoded::Serializer;
use hyper::{Method, Request, StatusCode, header};
use serde::Deserialize;

/// A confidential client.
#[derive(Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// `Basic …`
    pub authorization: String,
}

impl Client {
    /// By its id and its secret (RFC 6749 §2.3.1); neither holds a character that form encoding would change.
    pub fn new(id: &str, secret: &str) -> Self {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        Self { id: id.to_owned(), authorization }
    }

    /// The demo's.
    pub fn of(demo: &Described) -> Self {
        Self::new(&demo.client_id, &demo.client_secret)
    }
}

/// What the token endpoint gives, as far as it is used.
#[derive(Deserialize)]
pub struct Tokens {
    /// Opens userinfo.
    pub access_token: String,
    /// Brings more of them.
    pub refresh_token: String,
    /// Says who it is, and how it is signed.
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

/// How far someone got with a password.
pub enum SignIn {
    /// Back at the client, with a code.
    Code(String),
    /// At a page that waits for something else.
    Waiting(Page),
}

/// Goes through the pages with a name and a password, and allows what the client asks for.
pub async fn sign_in(
    browser: &mut Browser,
    demo: &Described,
    client: &Client,
    (username, password): (&str, &str),
) -> anyhow::Result<SignIn> {
    let mut url = demo.issuer.join("/authorize")?;
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &client.id),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid profile email"),
        ("state", "s"),
    ]);
    let mut arrival = browser.go(url).await?;
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

/// A guest's tokens: a whole sign-in from source `number`.
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
