//! The deadlines and limits of connections.

use crate::{
    config::{Config, Limits},
    http::security_headers::SecurityHeaders,
    limits::lifetimes::{
        MAX_IDLE_CONNECTION_SECONDS, MAX_REQUEST_HEAD_SECONDS, MAX_RESPONSE_STALL_SECONDS,
        MAX_SHUTDOWN_SECONDS,
    },
};
use ipnet::{IpNet, Ipv4Net};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

/// The deadlines and limits of connections.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The maximum time for a request's head, from its first byte; for the first request, from the opening of
    /// the connection.
    pub head_deadline: Duration,
    /// The maximum time during which a peer reads nothing of a response.
    pub stall_deadline: Duration,
    /// The maximum time between a response and the next request.
    pub idle_deadline: Duration,
    /// The maximum time for requests in flight at shutdown.
    pub closing_deadline: Duration,
    /// The maximum number of open connections; 0 means as many as the system allows within reason.
    pub connections: usize,
    /// The maximum number of open connections of one source.
    pub connections_per_source: usize,
    /// Networks whose connections are not counted by source: the trusted proxies and this machine, because a
    /// proxy on this machine is often not configured.
    pub uncounted: Vec<IpNet>,
    /// The security headers of responses that the endpoint does not give.
    pub security_headers: SecurityHeaders,
}

impl Default for ServerSettings {
    fn default() -> Self {
        let defaults = Limits::default();
        Self {
            head_deadline: Duration::from_secs(MAX_REQUEST_HEAD_SECONDS),
            stall_deadline: Duration::from_secs(MAX_RESPONSE_STALL_SECONDS),
            idle_deadline: Duration::from_secs(MAX_IDLE_CONNECTION_SECONDS),
            closing_deadline: Duration::from_secs(MAX_SHUTDOWN_SECONDS.unsigned_abs()),
            connections: defaults.connections,
            connections_per_source: defaults.connections_per_source,
            uncounted: loopback().to_vec(),
            security_headers: SecurityHeaders { is_https: false },
        }
    }
}

impl ServerSettings {
    /// Builds the settings from the configuration.
    pub fn of(config: &Config) -> Self {
        Self {
            connections: config.limits.connections,
            connections_per_source: config.limits.connections_per_source,
            uncounted: [config.trusted_proxies.as_slice(), &loopback()].concat(),
            security_headers: SecurityHeaders { is_https: config.is_https() },
            ..Self::default()
        }
    }
}

/// Returns the loopback networks.
fn loopback() -> [IpNet; 2] {
    [Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8).trunc().into(), IpAddr::from(Ipv6Addr::LOCALHOST).into()]
}
