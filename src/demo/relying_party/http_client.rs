use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::{future::Future, pin::Pin, time::Duration};

/// The HTTP client for calls to the provider: follows no redirects and has a timeout of ten seconds.
#[derive(Debug)]
pub struct HttpClient(reqwest::Client);

impl HttpClient {
    /// Creates a client for `issuer`. A provider on plain HTTP runs on the same machine, so no proxy is used.
    #[expect(
        clippy::disallowed_methods,
        reason = "the relying party is a separate application with its own HTTP client"
    )]
    pub fn for_issuer(issuer: &str) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10));
        let builder = if issuer.starts_with("https://") { builder } else { builder.no_proxy() };
        Ok(Self(builder.build()?))
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let received = self.0.execute(request.try_into()?).await?;
            let (status, headers) = (received.status(), received.headers().clone());
            let mut response = HttpResponse::new(received.bytes().await?.into());
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}
