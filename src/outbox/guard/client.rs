use super::error::OutboundError;
use super::origin::Origin;
use super::public_address::is_public;
use super::push_hosts::PushHosts;
use super::resolver::{Any, Lookup, PublicOnly, SystemLookup};
use reqwest::{Client, ClientBuilder, redirect::Policy};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Push services answer in a line or two.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Sends requests, but only to where they may go.
///
/// That is https at its default port to a public address, and the origins that the operator has opened by name.
/// Redirects are not followed, proxies of the environment not used, answers not read beyond 64 KiB or ten seconds.
pub struct Guard {
    allowed: Vec<Origin>,
    push_hosts: PushHosts,
    lookup: Arc<dyn Lookup>,
    closed: OnceLock<Result<Client, String>>,
    opened: OnceLock<Result<Client, String>>,
}

/// By which client a request goes.
enum Passage {
    Closed,
    Opened,
}

impl Guard {
    /// A guard with the operator's exceptions.
    pub fn new(allowed: Vec<Origin>, push_hosts: PushHosts) -> Self {
        Self::with_lookup(allowed, push_hosts, Arc::new(SystemLookup))
    }

    /// The same with another source of addresses.
    pub fn with_lookup(allowed: Vec<Origin>, push_hosts: PushHosts, lookup: Arc<dyn Lookup>) -> Self {
        Self { allowed, push_hosts, lookup, closed: OnceLock::new(), opened: OnceLock::new() }
    }

    /// The origins that the operator has opened, to be named in the log at the start.
    pub fn allowed(&self) -> &[Origin] {
        &self.allowed
    }

    /// Whether a push subscription may name `endpoint`: a known push service, or an opened origin.
    pub fn check_push_endpoint(&self, endpoint: &Url) -> Result<(), OutboundError> {
        match self.passage(endpoint)? {
            Passage::Opened => Ok(()),
            Passage::Closed if self.push_hosts.hold(endpoint.host_str().unwrap_or_default()) => Ok(()),
            Passage::Closed => Err(OutboundError::refused(format!(
                "{} is no known push service; an operator can add its host",
                endpoint.origin().ascii_serialization()
            ))),
        }
    }

    /// Sends `request` and reads the whole answer.
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, OutboundError> {
        let request = reqwest::Request::try_from(request)?;
        let client = match self.passage(request.url())? {
            Passage::Closed => self.closed.get_or_init(|| build(PublicOnly(Arc::clone(&self.lookup)))),
            Passage::Opened => self.opened.get_or_init(|| build(Any(Arc::clone(&self.lookup)))),
        };
        let client = client.as_ref().map_err(OutboundError::failed)?;
        read(client.execute(request).await?).await
    }

    fn passage(&self, url: &Url) -> Result<Passage, OutboundError> {
        let refused =
            |why: &str| Err(OutboundError::refused(format!("{}: {why}", url.origin().ascii_serialization())));
        if !url.username().is_empty() || url.password().is_some() {
            return refused("an address must not carry a name or password");
        }
        if self.allowed.iter().any(|origin| origin.holds(url)) {
            return Ok(Passage::Opened);
        }
        if url.scheme() != "https" || url.port().is_some() {
            return refused("expected https at its default port, or an origin that the operator has opened");
        }
        // A name is judged when it is resolved, an address is not resolved.
        let address: Option<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) => None,
            None => return refused("expected a host"),
        };
        if address.is_some_and(|address| !is_public(address)) {
            return refused("not a public address");
        }
        Ok(Passage::Closed)
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// Made at its first use: reading the system's certificates takes time that a start has not got.
#[expect(clippy::disallowed_methods, reason = "the one place that builds clients")]
fn build(resolver: impl reqwest::dns::Resolve + 'static) -> Result<Client, String> {
    let builder: ClientBuilder = Client::builder()
        .dns_resolver(resolver)
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .user_agent(concat!("Countersign/", env!("CARGO_PKG_VERSION")));
    builder.build().map_err(|error| {
        format!("no client for outbound requests (are CA certificates installed?): {error:?}")
    })
}

async fn read(mut answer: reqwest::Response) -> Result<http::Response<Vec<u8>>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Err(OutboundError::failed(format!("the answer is longer than {ANSWER_LIMIT} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    let mut read = http::Response::new(body);
    *read.status_mut() = answer.status();
    *read.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::BoxFuture;
    use std::io;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Every name is loopback; counts how often it was asked.
    #[derive(Default)]
    struct Loopback(AtomicUsize);

    impl Lookup for Loopback {
        fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) })
        }
    }

    fn guard(allowed: &[&str]) -> Guard {
        Guard::new(allowed.iter().map(|text| text.parse().unwrap()).collect(), PushHosts::with(&[]).unwrap())
    }

    fn post(url: &str) -> http::Request<Vec<u8>> {
        http::Request::post(url).body(b"message".to_vec()).unwrap()
    }

    /// A server on loopback that gives every connection the same bytes; returns its port.
    async fn server(answer: Vec<u8>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut asked = [0; 1024];
                    let _ = stream.read(&mut asked).await;
                    let _ = stream.write_all(&answer).await;
                });
            }
        });
        port
    }

    fn answer(head: &str, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
    }

    #[tokio::test]
    async fn hostile_addresses_are_refused_before_anything_is_sent() {
        let guard = guard(&["http://localhost:9000"]);
        for url in [
            "http://push.example/",
            "https://push.example:8443/",
            "https://user@push.example/",
            "https://user:password@push.example/",
            "https://:password@push.example/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://0.0.0.0/",
            "https://10.0.0.1/",
            "https://localhost/",
            "https://localhost:9000/",
            "http://127.0.0.1:9000/",
            "http://localhost:9001/",
            "http://user@localhost:9000/",
            "ftp://push.example/",
        ] {
            let error = guard.send(post(url)).await.unwrap_err();
            assert!(error.is_refused(), "{url}: {}", error.detail());
            assert_eq!(error.to_string(), "the address could not be reached", "{url}");
        }
    }

    #[tokio::test]
    async fn an_opened_origin_is_reached_although_it_is_on_loopback() {
        let port = server(answer("201 Created", b"queued")).await;
        let opened = format!("http://localhost:{port}");
        let answer = guard(&[&opened]).send(post(&format!("{opened}/push/1"))).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (201, &b"queued"[..]));

        let error = guard(&[]).send(post(&format!("{opened}/push/1"))).await.unwrap_err();
        assert!(error.is_refused());
    }

    #[tokio::test]
    async fn a_name_is_judged_at_every_connection() {
        let lookup = Arc::new(Loopback::default());
        let guard =
            Guard::with_lookup(vec![], PushHosts::with(&[]).unwrap(), Arc::clone(&lookup) as Arc<dyn Lookup>);
        for asked in 1..=2 {
            let error = guard.send(post("https://rebinding.example/")).await.unwrap_err();
            assert!(error.is_refused(), "{}", error.detail());
            assert_eq!(lookup.0.load(Ordering::SeqCst), asked);
        }
    }

    #[tokio::test]
    async fn closed_and_filtered_and_refused_look_alike_to_the_caller() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        drop(listener);
        let guard = guard(&[&closed]);
        let nobody_there = guard.send(post(&closed)).await.unwrap_err();
        let refused = guard.send(post("https://10.0.0.1/")).await.unwrap_err();
        assert_eq!(nobody_there.to_string(), refused.to_string());
        assert!(!nobody_there.is_refused() && refused.is_refused());
        assert!(!nobody_there.detail().contains(&closed), "a capability stays out of the log");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let inner = server(answer("200 OK", b"secret")).await;
        let port =
            server(answer(&format!("307 Temporary Redirect\r\nlocation: http://localhost:{inner}/"), b""))
                .await;
        let (first, second) = (format!("http://localhost:{port}"), format!("http://localhost:{inner}"));
        let guard = guard(&[&first, &second]);
        assert_eq!(guard.send(post(&first)).await.unwrap().status().as_u16(), 307);
        assert_eq!(guard.send(post(&second)).await.unwrap().body().as_slice(), b"secret");
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off() {
        for (length, is_read) in [(ANSWER_LIMIT, true), (ANSWER_LIMIT + 1, false)] {
            let port = server(answer("200 OK", &vec![b'x'; length])).await;
            let opened = format!("http://localhost:{port}");
            assert_eq!(guard(&[&opened]).send(post(&opened)).await.is_ok(), is_read, "{length}");
        }
    }

    #[test]
    fn a_subscription_may_name_known_push_services_and_opened_origins() {
        let guard = guard(&["http://localhost:9000"]);
        let check = |text: &str| guard.check_push_endpoint(&Url::parse(text).unwrap());
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://web.push.apple.com/Q",
            "http://localhost:9000/1",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "https://evil.example/",
            "http://fcm.googleapis.com/",
            "https://fcm.googleapis.com:8443/",
            "https://fcm.googleapis.com@evil.example/",
            "https://8.8.8.8/",
            "http://localhost:9001/",
        ] {
            assert!(check(bad).unwrap_err().is_refused(), "{bad}");
        }
    }
}
