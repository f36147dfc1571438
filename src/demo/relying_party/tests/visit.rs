use super::provider::{APPLICATION, CLIENT_ID, CLIENT_SECRET, FakeProvider, StoppedClock};
use crate::demo::relying_party::{RelyingParty, RelyingPartySettings, routes};
use crate::entropy::SystemEntropy;
use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// A browser of the application that keeps cookies and can follow a sign-in.
pub struct Visit {
    pub provider: Arc<FakeProvider>,
    application: Arc<BoxEndpoint<'static, Response>>,
    cookies: BTreeMap<String, String>,
}

/// A response as the browser sees it.
pub struct Seen {
    pub status: StatusCode,
    pub location: Option<String>,
    pub policy: String,
    pub body: String,
}

impl Visit {
    pub async fn begin() -> Self {
        let provider = FakeProvider::start().await;
        let settings = RelyingPartySettings {
            issuer: provider.issuer.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned().into(),
            base_url: APPLICATION.to_owned(),
            provider_name: "Fake".to_owned(),
        };
        let application =
            RelyingParty::new(settings, Arc::new(StoppedClock), Arc::new(SystemEntropy)).unwrap();
        Self { provider, application: Arc::new(routes(application).boxed()), cookies: BTreeMap::new() }
    }

    /// Creates another browser for the same application.
    pub fn another_browser(&self) -> Self {
        Self {
            provider: self.provider.clone(),
            application: self.application.clone(),
            cookies: BTreeMap::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Seen {
        self.send(Request::builder().method(Method::GET).uri_str(path)).await
    }

    pub async fn post_from(&mut self, origin: &str, path: &str) -> Seen {
        self.send(Request::builder().method(Method::POST).uri_str(path).header(header::ORIGIN, origin)).await
    }

    async fn send(&mut self, request: poem::RequestBuilder) -> Seen {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).finish();
        let mut response = self.application.get_response(request).await;
        for set in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            match attributes.contains("Max-Age=0") {
                true => drop(self.cookies.remove(name)),
                false => {
                    assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{rest}");
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let text = |name| response.header(name).map(ToOwned::to_owned);
        Seen {
            status: response.status(),
            location: text("location"),
            policy: text("content-security-policy").unwrap_or_default(),
            body: response.take_body().into_string().await.unwrap(),
        }
    }

    /// Follows `path` to the provider and returns the parameters of the authorization request.
    pub async fn leave_by(&mut self, path: &str) -> BTreeMap<String, String> {
        let seen = self.get(path).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        let url = Url::parse(&seen.location.unwrap()).unwrap();
        assert_eq!(
            url.as_str().split('?').next(),
            Some(format!("{}/authorize", self.provider.issuer).as_str())
        );
        url.query_pairs().into_owned().collect()
    }

    /// Sends an authorization response with these parameters.
    pub async fn come_back(&mut self, parameters: &[(&str, &str)]) -> Seen {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/callback?{query}")).await
    }

    /// Completes a sign-in that starts at `path`.
    pub async fn sign_in_by(&mut self, path: &str) -> Seen {
        let request = self.leave_by(path).await;
        let state = request["state"].clone();
        let code = self.provider.approve(request);
        let issuer = self.provider.issuer.clone();
        self.come_back(&[("state", &state), ("code", &code), ("iss", &issuer)]).await
    }
}
