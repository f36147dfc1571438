use super::error::{OutboundError, RefusedEndpoint};
use super::origin::Origin;
use super::public_address::is_public;
use super::push_hosts::PushHosts;
use super::refused_hosts::{Logged, RefusedHosts};
use super::resolver::{Any, Lookup, PublicOnly, SystemLookup};
use reqwest::{Client, ClientBuilder, redirect::Policy};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Limit of a response body; push services answer in a line or two.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Sends requests, but only to permitted addresses.
///
/// Permitted are https at its default port to a public address, and the origins that the operator has
/// allowed. Redirects are not followed and proxies of the environment are not used. A response is its head
/// and the part of its body that arrives within 64 KiB and ten seconds.
pub struct Guard {
    allowed: Vec<Origin>,
    push_hosts: PushHosts,
    refused_hosts: RefusedHosts,
    lookup: Arc<dyn Lookup>,
    total_timeout: Duration,
    closed: OnceLock<Result<Client, String>>,
    opened: OnceLock<Result<Client, String>>,
}

/// The client that sends a request: `Closed` connects to public addresses only, `Opened` to any.
enum Passage {
    Closed,
    Opened,
}

impl Guard {
    /// Creates a guard with the origins and push hosts that the operator allows.
    pub fn new(allowed: Vec<Origin>, push_hosts: PushHosts) -> Self {
        Self::with_lookup(allowed, push_hosts, Arc::new(SystemLookup))
    }

    /// As [`Guard::new`], with another source of addresses.
    pub fn with_lookup(allowed: Vec<Origin>, push_hosts: PushHosts, lookup: Arc<dyn Lookup>) -> Self {
        Self {
            allowed,
            push_hosts,
            refused_hosts: RefusedHosts::default(),
            lookup,
            total_timeout: TOTAL_TIMEOUT,
            closed: OnceLock::new(),
            opened: OnceLock::new(),
        }
    }

    /// Returns the origins that the operator has allowed; they are logged at start.
    pub fn allowed(&self) -> &[Origin] {
        &self.allowed
    }

    /// Checks that a push subscription may use `endpoint`: a known push service, or an allowed origin.
    pub fn check_push_endpoint(&self, endpoint: &Url) -> Result<(), OutboundError> {
        match self.passage(endpoint)? {
            Passage::Opened => Ok(()),
            Passage::Closed if self.push_hosts.hold(endpoint.host_str().unwrap_or_default()) => Ok(()),
            Passage::Closed => {
                let host = endpoint.host_str().unwrap_or_default();
                self.log_refused_host(host);
                Err(OutboundError::refused(
                    RefusedEndpoint::Host,
                    format!("{host} is not a known push service; add it to push.hosts to allow it"),
                ))
            }
        }
    }

    /// Logs the host and the setting only: the rest of an endpoint is a capability.
    fn log_refused_host(&self, host: &str) {
        let logged = self.refused_hosts.note(host);
        if logged == Logged::Not {
            return;
        }
        tracing::warn!(
            host,
            setting = "push.hosts",
            "a browser's push service was refused, so that browser receives no requests: its host is not in the \
             setting; add it there if it is a push service that you trust"
        );
        if logged == Logged::Last {
            tracing::warn!(
                "many different push hosts were refused; further ones are not logged until a restart"
            );
        }
    }

    /// Sends `request` and reads the response.
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
        let refused = |rule: RefusedEndpoint, why: &str| {
            Err(OutboundError::refused(rule, format!("{}: {why}", url.origin().ascii_serialization())))
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refused(RefusedEndpoint::Address, "a URL must not contain a user name or password");
        }
        if self.allowed.iter().any(|origin| origin.holds(url)) {
            return Ok(Passage::Opened);
        }
        if url.scheme() != "https" || url.port().is_some() {
            return refused(
                RefusedEndpoint::NotHttps,
                "expected https at its default port, or an origin listed in allow_outbound",
            );
        }
        // A name is checked when it is resolved; an IP address is not resolved.
        let address: Option<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) => None,
            None => return refused(RefusedEndpoint::Address, "expected a host"),
        };
        if address.is_some_and(|address| !is_public(address)) {
            return refused(RefusedEndpoint::Address, "not a public address");
        }
        Ok(Passage::Closed)
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// Called at the first use: reading the system's certificates is too slow for the start.
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
        let error = OutboundError::from(error);
        format!("no client for outbound requests (are CA certificates installed?): {}", error.detail())
    })
}

/// Reads the response with as much of its body as arrives: the status counts even when the rest is lost.
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
