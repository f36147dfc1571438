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
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Sends requests, but only to where they may go.
///
/// That is https at its default port to a public address, and the origins that the operator has opened by name.
/// Redirects are not followed, proxies of the environment not used, answers not read beyond 64 KiB or ten seconds: an
/// answer is its head, and of its body what came until then.
pub struct Guard {
    allowed: Vec<Origin>,
    push_hosts: PushHosts,
    lookup: Arc<dyn Lookup>,
    total_timeout: Duration,
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
        Self {
            allowed,
            push_hosts,
            lookup,
            total_timeout: TOTAL_TIMEOUT,
            closed: OnceLock::new(),
            opened: OnceLock::new(),
        }
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

    /// Sends `request` and reads the answer.
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, OutboundError> {
        let request = reqwest::Request::try_from(request)?;
        let client = match self.passage(request.url())? {
            Passage::Closed => {
                self.closed.get_or_init(|| build(PublicOnly(Arc::clone(&self.lookup)), self.total_timeout))
            }
            Passage::Opened => {
                self.opened.get_or_init(|| build(Any(Arc::clone(&self.lookup)), self.total_timeout))
            }
        };
        let client = client.as_ref().map_err(OutboundError::failed)?;
        Ok(read(client.execute(request).await?).await)
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
fn build(resolver: impl reqwest::dns::Resolve + 'static, total_timeout: Duration) -> Result<Client, String> {
    let builder: ClientBuilder = Client::builder()
        .dns_resolver(resolver)
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(total_timeout)
        .user_agent(concat!("Countersign/", env!("CARGO_PKG_VERSION")));
    builder.build().map_err(|error| {
        format!("no client for outbound requests (are CA certificates installed?): {error:?}")
    })
}

/// The answer, its body as far as it came: what was answered stands, whatever becomes of the rest.
async fn read(mut answer: reqwest::Response) -> http::Response<Vec<u8>> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        let room = MAX_RESPONSE_BYTES - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            break;
        }
    }
    let mut read = http::Response::new(body);
    *read.status_mut() = answer.status();
    *read.headers_mut() = std::mem::take(answer.headers_mut());
    read
}

#[cfg(test)]
mod tests;
