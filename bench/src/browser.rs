use crate::load::{Body, connect, exchange};
use anyhow::{Context, ensure};
use bytes::Bytes;
use form_urlencoded::Serializer;
use hyper::client::conn::http1::SendRequest;
use hyper::{Method, Request, StatusCode, header};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use url::Url;

/// A browser that keeps cookies, follows redirects and fills forms; one connection, one source address.
pub struct Browser {
    sender: SendRequest<Body>,
    source: Ipv4Addr,
    origin: Url,
    cookies: BTreeMap<String, String>,
    /// The address that a trusted proxy reports for it.
    forwarded_for: Option<Ipv4Addr>,
}

/// The end of a chain of redirects.
pub enum Arrival {
    /// At a page of the server.
    Page(Page),
    /// At a URL of another origin, with its query.
    Away(Url),
}

/// A page of the server.
pub struct Page {
    /// Its URL.
    pub url: Url,
    html: String,
}

impl Browser {
    /// A browser at `source` that knows the server at `origin`.
    pub async fn open(source: Ipv4Addr, origin: &Url) -> anyhow::Result<Self> {
        let port = origin.port_or_known_default().context("an origin has a port")?;
        let sender = connect(source, port).await?;
        Ok(Self { sender, source, origin: origin.clone(), cookies: BTreeMap::new(), forwarded_for: None })
    }

    /// The same browser behind a proxy that reports this address for it.
    pub fn forwarded_for(self, address: Ipv4Addr) -> Self {
        Self { forwarded_for: Some(address), ..self }
    }

    /// Opens a new connection, because the server closes one that was idle for a minute.
    pub async fn reconnect(&mut self) -> anyhow::Result<()> {
        self.sender = connect(self.source, self.origin.port_or_known_default().context("a port")?).await?;
        Ok(())
    }

    /// Goes to `url` and follows redirects.
    pub async fn go(&mut self, url: Url) -> anyhow::Result<Arrival> {
        let request = self.request(Method::GET, &url).body(Body::default())?;
        self.follow(url, request).await
    }

    /// Sends the page's form with its hidden fields and these.
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> anyhow::Result<Arrival> {
        let (url, request) = self.form(page, fields)?;
        self.follow(url, request).await
    }

    /// Does the same without following a redirect; returns the status, whatever it is.
    pub async fn submit_once(&mut self, page: &Page, fields: &[(&str, &str)]) -> anyhow::Result<StatusCode> {
        let (_, request) = self.form(page, fields)?;
        Ok(exchange(&mut self.sender, request).await?.status())
    }

    fn form(&self, page: &Page, fields: &[(&str, &str)]) -> anyhow::Result<(Url, Request<Body>)> {
        let mut url = page.url.clone();
        url.set_query(None);
        let form =
            Serializer::new(String::new()).extend_pairs(page.hidden_fields()).extend_pairs(fields).finish();
        let request = self
            .request(Method::POST, &url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, self.origin.origin().ascii_serialization())
            .body(Body::from(form))?;
        Ok((url, request))
    }

    /// Opens the page's stream and keeps it open; it occupies the connection.
    pub async fn listen(mut self, page: &Page) -> anyhow::Result<hyper::Response<hyper::body::Incoming>> {
        let path = page.attribute("data-events").context("the page has no stream of events")?;
        let url = self.origin.join(&path)?;
        let request = self
            .request(Method::GET, &url)
            .header(header::ACCEPT, "text/event-stream")
            .body(Body::default())?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        ensure!(response.status() == StatusCode::OK, "the stream was answered {}", response.status());
        Ok(response)
    }

    async fn follow(&mut self, mut url: Url, mut request: Request<Body>) -> anyhow::Result<Arrival> {
        for _ in 0..10 {
            let response = exchange(&mut self.sender, request).await?;
            self.keep_cookies(&response);
            let Some(location) = response.headers().get(header::LOCATION) else {
                let html = String::from_utf8_lossy(response.body()).into_owned();
                ensure!(
                    response.status() == StatusCode::OK,
                    "{url} was answered {}:\n{html}",
                    response.status()
                );
                return Ok(Arrival::Page(Page { url, html }));
            };
            url = url.join(location.to_str()?)?;
            if url.origin() != self.origin.origin() {
                return Ok(Arrival::Away(url));
            }
            request = self.request(Method::GET, &url).body(Body::default())?;
        }
        anyhow::bail!("{url} is the tenth redirect in a row")
    }

    fn request(&self, method: Method, url: &Url) -> hyper::http::request::Builder {
        let target = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let host =
            format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(target).header(header::HOST, host);
        let request = match self.forwarded_for {
            Some(address) => request.header("x-forwarded-for", address.to_string()),
            None => request,
        };
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    fn keep_cookies(&mut self, response: &hyper::Response<Bytes>) {
        for set in response.headers().get_all(header::SET_COOKIE) {
            let pair = set.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Page {
    /// Name and value of each hidden field, the first of each name.
    fn hidden_fields(&self) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::new();
        for field in self.html.split("<input ").filter_map(|rest| rest.split('>').next()) {
            if field.contains("type=\"hidden\"")
                && let (Some(name), Some(value)) = (attribute(field, "name"), attribute(field, "value"))
            {
                fields.entry(name).or_insert(value);
            }
        }
        fields
    }

    /// The value of the first attribute of that name.
    fn attribute(&self, name: &str) -> Option<String> {
        attribute(&self.html, name)
    }
}

fn attribute(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&#x2f;", "/").replace("&#x3D;", "=").replace("&quot;", "\"").replace("&amp;", "&"))
}
