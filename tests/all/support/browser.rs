//! A browser: keeps cookies, follows redirects inside its origin, and sends the headers that browsers send.
//!
//! Never follows a redirect to another origin: it stops there and reports the target.
//! Spec: Fetch (redirects, Origin), Fetch Metadata (Sec-Fetch-*), RFC 6265bis (by `cookie_jar`).

use super::{
    cookie_jar::{CookieJar, Initiator},
    event_stream::EventStream,
    form::Submission,
    http_client::{BodyStream, HttpClient},
    page::Page,
};
use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Bytes;
use url::{Origin, Url};

const MOST_REDIRECTS: usize = 10;

/// Firefox on Linux, as the authenticator names it.
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// One browser profile. A clone is a second profile that begins with the same cookies.
#[derive(Clone)]
pub struct Browser {
    http_client: HttpClient,
    home: Url,
    /// The profile's cookies.
    pub cookies: CookieJar,
}

/// One request of a navigation.
struct Step {
    method: Method,
    url: Url,
    fields: Vec<(String, String)>,
    initiator: Initiator,
    /// The page that starts the request.
    from: Option<Url>,
}

impl Browser {
    /// A fresh profile whose relative addresses begin at `home`, the server's public URL.
    pub fn new(http_client: HttpClient, home: &str) -> Self {
        Self { http_client, home: Url::parse(home).expect("a URL"), cookies: CookieJar::default() }
    }

    /// Sends all further requests by another HTTP client.
    pub fn move_to(&mut self, http_client: HttpClient) {
        self.http_client = http_client;
    }

    /// Goes to `address`, as a person who follows a bookmark.
    pub async fn go(&mut self, address: &str) -> Page {
        let url = self.home.join(address).expect("an address");
        self.navigate(Step {
            method: Method::GET,
            url,
            fields: vec![],
            initiator: Initiator::Person,
            from: None,
        })
        .await
    }

    /// Is sent to `address` by a page of `site`, as by a relying party's link.
    pub async fn arrive(&mut self, site: &str, address: &str) -> Page {
        let url = self.home.join(address).expect("an address");
        let from = Some(Url::parse(site).expect("a URL"));
        self.navigate(Step {
            method: Method::GET,
            url,
            fields: vec![],
            initiator: Initiator::CrossSite,
            from,
        })
        .await
    }

    /// Is sent to `address` by a form on a page of `site`.
    pub async fn arrive_by_post(&mut self, site: &str, address: &str, fields: &[(&str, &str)]) -> Page {
        let url = self.home.join(address).expect("an address");
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let from = Some(Url::parse(site).expect("a URL"));
        self.navigate(Step { method: Method::POST, url, fields, initiator: Initiator::CrossSite, from }).await
    }

    /// Sends a filled form.
    pub async fn send(&mut self, form: Submission) -> Page {
        let is_ours = form.action.origin() == form.page.origin();
        let initiator = if is_ours { Initiator::SameOrigin } else { Initiator::CrossSite };
        let mut url = form.action;
        let mut fields = form.fields;
        if form.method == Method::GET {
            url.query_pairs_mut().clear().extend_pairs(&fields);
            fields.clear();
        }
        self.navigate(Step { method: form.method, url, fields, initiator, from: Some(form.page) }).await
    }

    /// Sends a form for another site, as a browser does that ignores `SameSite`: with all its cookies, and with
    /// these values of `Sec-Fetch-Site` (`None` leaves it out) and `Origin`. Follows no redirect.
    pub async fn send_for(&mut self, site: Option<&str>, origin: &str, form: Submission) -> Page {
        let Submission { method, action: url, page, fields } = form;
        let step = Step { method, url, fields, initiator: Initiator::SameOrigin, from: Some(page) };
        let mut request = self.request(&step);
        request.headers_mut().remove("sec-fetch-site");
        for (name, value) in site.map(|site| ("sec-fetch-site", site)).into_iter().chain([("origin", origin)])
        {
            request.headers_mut().insert(name, value.parse().expect("a header"));
        }
        let response = self.http_client.open(request).await;
        self.cookies.take(&step.url, response.headers());
        let location = redirect_of(&response, &step.url);
        show(step.url, response, location).await
    }

    /// Opens a stream of events, as a script of the page at `from` does.
    pub async fn listen(&mut self, from: &Page, address: &str) -> Result<EventStream, Page> {
        let url = from.url.join(address).expect("an address");
        let request = self.script_request(Method::GET, &url, from, "text/event-stream");
        let response = self.http_client.open(request.body(Bytes::new()).expect("a request")).await;
        self.cookies.take(&url, response.headers());
        if response.status() == StatusCode::OK {
            return Ok(EventStream::new(response.into_body()));
        }
        Err(show(url, response, None).await)
    }

    /// Fetches `address`, as a script of the page at `from` does; follows nothing.
    pub async fn fetch(&mut self, from: &Page, address: &str) -> Page {
        let url = from.url.join(address).expect("an address");
        let request = self.script_request(Method::GET, &url, from, "*/*");
        let response = self.http_client.open(request.body(Bytes::new()).expect("a request")).await;
        self.cookies.take(&url, response.headers());
        show(url, response, None).await
    }

    fn script_request(&self, method: Method, url: &Url, from: &Page, accept: &str) -> http::request::Builder {
        let request = Request::builder()
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::ACCEPT, accept)
            .header(header::REFERER, from.url.as_str())
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-dest", "empty");
        let request = match self.cookies.header_for(url, &method, Initiator::SameOrigin) {
            Some(cookies) => request.header(header::COOKIE, cookies),
            None => request,
        };
        request.method(method).uri(url.as_str())
    }

    async fn navigate(&mut self, mut step: Step) -> Page {
        let origin = step.url.origin();
        if origin != self.home.origin() {
            return leave(step);
        }
        for _ in 0..MOST_REDIRECTS {
            let response = self.http_client.open(self.request(&step)).await;
            self.cookies.take(&step.url, response.headers());
            let Some(location) = redirect_of(&response, &step.url) else {
                return show(step.url, response, None).await;
            };
            if location.origin() != origin {
                return show(step.url, response, Some(location)).await;
            }
            step = follow(step, response.status(), location);
        }
        panic!("more than {MOST_REDIRECTS} redirects, the last to {}", step.url);
    }

    fn request(&self, step: &Step) -> Request<Bytes> {
        let site = match step.initiator {
            Initiator::Person => "none",
            Initiator::SameOrigin => "same-origin",
            Initiator::CrossSite => "cross-site",
        };
        let mut request = Request::builder()
            .method(step.method.clone())
            .uri(step.url.as_str())
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
            .header(header::ACCEPT_LANGUAGE, "en-US,en;q=0.5")
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-user", "?1");
        if let Some(cookies) = self.cookies.header_for(&step.url, &step.method, step.initiator) {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(from) = &step.from {
            let origin = from.origin();
            let is_ours = origin == step.url.origin();
            let referer =
                if is_ours { from.to_string() } else { format!("{}/", origin.ascii_serialization()) };
            request = request.header(header::REFERER, referer);
            if step.method == Method::POST {
                request = request.header(header::ORIGIN, text_of(&origin));
            }
        }
        if step.method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&step.fields).finish();
            return request.body(body.into()).expect("a request");
        }
        request.body(Bytes::new()).expect("a request")
    }
}

fn text_of(origin: &Origin) -> String {
    origin.ascii_serialization()
}

/// Fetch, "HTTP-redirect fetch": only 307 and 308 repeat a POST.
fn follow(step: Step, status: StatusCode, location: Url) -> Step {
    match status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => Step { url: location, ..step },
        _ => Step { url: location, method: Method::GET, fields: vec![], ..step },
    }
}

fn redirect_of(response: &Response<BodyStream>, from: &Url) -> Option<Url> {
    let location = response.headers().get(header::LOCATION)?;
    response
        .status()
        .is_redirection()
        .then(|| from.join(location.to_str().expect("text")).expect("an address"))
}

/// A form or a link that leads out of the origin: the data to send is shown as a URL.
fn leave(step: Step) -> Page {
    let mut url = step.url;
    if !step.fields.is_empty() {
        url.query_pairs_mut().extend_pairs(&step.fields);
    }
    let from = step.from.unwrap_or_else(|| url.clone());
    let (status, headers, text) = (StatusCode::OK, http::HeaderMap::new(), String::new());
    Page { url: from, status, headers, text, departure: Some(url) }
}

async fn show(url: Url, response: Response<BodyStream>, departure: Option<Url>) -> Page {
    use futures_util::StreamExt;
    let (parts, mut body) = response.into_parts();
    let mut whole = Vec::new();
    while let Some(piece) = body.next().await {
        whole.extend_from_slice(&piece);
    }
    let text = String::from_utf8_lossy(&whole).into_owned();
    Page { url, status: parts.status, headers: parts.headers, text, departure }
}

mod tests {
    use super::*;
    use poem::{Route, endpoint::make_sync, get};
    use std::net::SocketAddr;

    /// Two pages, a redirect between them, a redirect to another origin, and a page that repeats the
    /// request's headers.
    fn site() -> Browser {
        let form = make_sync(|_| {
            let page = "<form method=post action=/echo><input type=hidden name=csrf value=1>
                <label>Code <input name=code></label><button name=decision value=allow>Allow</button></form>
                <form method=post action='https://client.example/cb'><input type=hidden name=code value=c></form>";
            poem::Response::builder()
                .header("set-cookie", "seen=1; Path=/; HttpOnly; SameSite=Lax")
                .body(page)
        });
        let echo = poem::endpoint::make(|request: poem::Request| async move {
            let said: Vec<String> = ["cookie", "origin", "referer", "sec-fetch-site"]
                .iter()
                .map(|name| format!("{name}: {}", request.header(name).unwrap_or("-")))
                .collect();
            let method = request.method().clone();
            Ok::<_, poem::Error>(format!(
                "{method} {}\n{}",
                said.join("\n"),
                request.into_body().into_string().await?
            ))
        });
        let send = |location: &'static str, status: StatusCode| {
            make_sync(move |_| poem::Response::builder().status(status).header("location", location).finish())
        };
        let events =
            make_sync(|_| poem::Response::builder().content_type("text/event-stream").body("data: hi\n\n"));
        let site = Route::new()
            .at("/form", get(form))
            .at("/echo", echo)
            .at("/moved", send("/echo", StatusCode::SEE_OTHER))
            .at("/kept", send("/echo", StatusCode::TEMPORARY_REDIRECT))
            .at("/loop", send("/loop", StatusCode::FOUND))
            .at("/away", send("https://client.example/cb?code=c", StatusCode::SEE_OTHER))
            .at("/events", get(events));
        let peer = SocketAddr::from(([192, 0, 2, 7], 4711));
        Browser::new(HttpClient::in_process(site, peer), "http://localhost:8080")
    }

    #[tokio::test]
    async fn a_filled_form_is_sent_with_cookies_origin_and_fetch_metadata() {
        let mut browser = site();
        let page = browser.go("/form").await;
        assert_eq!(browser.cookies.value("seen"), Some("1"));
        let page = browser.send(page.form("Code").fill("Code", "12").press("Allow")).await;
        let expected = "POST cookie: seen=1\norigin: http://localhost:8080\nreferer: http://localhost:8080/form\n\
                        sec-fetch-site: same-origin\ncsrf=1&code=12&decision=allow";
        assert_eq!(page.text, expected);
        assert_eq!(page.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_redirect_is_followed_inside_and_shown_outside() {
        let mut browser = site();
        let page = browser.arrive_by_post("https://client.example", "/moved", &[("a", "b")]).await;
        assert!(page.text.starts_with("GET "), "303 turns a POST into a GET: {}", page.text);
        assert_eq!(page.url.path(), "/echo");
        let page = browser.arrive_by_post("https://client.example", "/kept", &[("a", "b")]).await;
        assert!(
            page.text.starts_with("POST ") && page.text.ends_with("\na=b"),
            "307 repeats it: {}",
            page.text
        );
        let page = browser.go("/away").await;
        assert_eq!(page.departure.as_ref().map(Url::as_str), Some("https://client.example/cb?code=c"));
    }

    #[tokio::test]
    async fn a_cross_site_post_brings_no_lax_cookie_and_a_cross_site_get_does() {
        let mut browser = site();
        browser.go("/form").await;
        let page = browser.arrive_by_post("https://client.example", "/echo", &[]).await;
        assert!(page.text.contains("cookie: -\norigin: https://client.example\n"), "{}", page.text);
        let page = browser.arrive("https://client.example", "/echo").await;
        assert!(
            page.text.contains("cookie: seen=1\norigin: -\nreferer: https://client.example/\n"),
            "{}",
            page.text
        );
    }

    #[tokio::test]
    async fn a_form_to_another_origin_shows_what_it_would_carry() {
        let mut browser = site();
        let page = browser.go("/form").await;
        let form = page.forms().into_iter().nth(1).expect("the second form");
        let page = browser.send(form.submit()).await;
        assert_eq!(page.departure.as_ref().map(Url::as_str), Some("https://client.example/cb?code=c"));
    }

    #[tokio::test]
    async fn a_script_fetches_and_listens() {
        let mut browser = site();
        let page = browser.go("/form").await;
        assert!(browser.fetch(&page, "/echo").await.text.contains("cookie: seen=1"));
        let mut events = browser.listen(&page, "/events").await.expect("a stream");
        assert_eq!(events.next().await.map(|event| event.data).as_deref(), Some("hi"));
        let refused = browser.listen(&page, "/nowhere").await.err().expect("no stream there");
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    #[should_panic(expected = "more than 10 redirects")]
    async fn a_loop_ends() {
        site().go("/loop").await;
    }
}
