//! Accepts connections, and closes the house in order.

use super::{
    admission::Admission,
    connection::{self, TestServer},
    descriptors,
    listeners::Listeners,
};
use crate::{
    clock::{Clock, Timestamp},
    config::{Config, Network},
};
use poem::Endpoint;
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinSet};

/// A peer that acknowledges nothing for so long is gone (RFC 5482).
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest pause after the system refused to accept.
const MAX_ACCEPT_PAUSE_MILLISECONDS: i64 = 1_000;
/// What one connection too many is told.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// How long a connection may take, and how many there may be.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// For a request's head, from its first byte; for the first one, from the connection's opening.
    pub head_deadline: Duration,
    /// For a peer that takes nothing of an answer.
    pub stall_deadline: Duration,
    /// Between an answer and the next request.
    pub idle_deadline: Duration,
    /// For requests in flight when the house closes.
    pub closing_deadline: Duration,
    /// Open connections in all; 0 means as many as the system allows within reason.
    pub connections: usize,
    /// Open connections of one source.
    pub connections_per_source: usize,
    /// Networks whose connections are not counted by source: proxies, of which the one on this machine is often
    /// not named.
    pub uncounted: Vec<Network>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            head_deadline: Duration::from_secs(5),
            stall_deadline: Duration::from_secs(30),
            idle_deadline: Duration::from_secs(60),
            closing_deadline: Duration::from_secs(10),
            connections: 0,
            connections_per_source: 1_000,
            uncounted: loopback().to_vec(),
        }
    }
}

impl ServerSettings {
    /// As configured.
    pub fn of(config: &Config) -> Self {
        Self {
            connections: config.limits.connections,
            connections_per_source: config.limits.connections_per_source,
            uncounted: [config.trusted_proxies.as_slice(), &loopback()].concat(),
            ..Self::default()
        }
    }
}

/// This machine.
fn loopback() -> [Network; 2] {
    [Network::around(Ipv4Addr::LOCALHOST.into(), 8), Network::around(Ipv6Addr::LOCALHOST.into(), 128)]
}

/// Serves `endpoint` behind `listeners` until `stop` resolves, then lets requests in flight finish.
pub async fn serve<E: Endpoint<Output = poem::Response> + 'static>(
    listeners: Listeners,
    endpoint: E,
    settings: ServerSettings,
    clock: Arc<dyn Clock>,
    stop: impl Future<Output = ()> + Send,
) {
    let connections = descriptors::room_for(settings.connections);
    let admission = Admission::new(connections, settings.connections_per_source, settings.uncounted.clone());
    let server = Arc::new(TestServer { endpoint, settings: Arc::new(settings), clock: Arc::clone(&clock) });
    let (close, is_closing) = tokio::sync::watch::channel(false);
    let mut connections = JoinSet::new();
    let mut refusals = 0_u32;
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listeners.accept() => match accepted {
                Ok((socket, peer)) => {
                    refusals = 0;
                    let Some(ticket) = admission.admit(peer.ip()) else { reject(&socket, peer); continue };
                    prepare(&socket);
                    let served = connection::serve(socket, peer, Arc::clone(&server), is_closing.clone());
                    connections.spawn(async move {
                        served.await;
                        drop(ticket);
                    });
                }
                Err(error) => {
                    refusals = refusals.saturating_add(1);
                    pause(&error, refusals, clock.as_ref()).await;
                }
            }
        }
    }
    drop(listeners);
    let _ = close.send(true);
    finish(connections, server.settings.closing_deadline, clock.as_ref()).await;
}

/// Small answers leave at once, and a peer whose cable was pulled is noticed.
fn prepare(socket: &TcpStream) {
    let _ = socket.set_nodelay(true);
    let _ = socket2::SockRef::from(socket).set_tcp_user_timeout(Some(TCP_USER_TIMEOUT));
}

/// Says that the house is full, if that can be said without waiting.
fn reject(socket: &TcpStream, peer: SocketAddr) {
    tracing::warn!(%peer, "a connection was turned away: too many are open");
    let _ = socket.try_write(FULL);
}

/// Waits a little when the system cannot accept (no file descriptors left), longer each time in a row.
async fn pause(error: &io::Error, refusals: u32, clock: &dyn Clock) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        return;
    }
    tracing::warn!(%error, "no connection can be accepted");
    let wait = 10_i64.saturating_mul(1 << refusals.min(10)).min(MAX_ACCEPT_PAUSE_MILLISECONDS);
    clock.sleep_until(Timestamp(clock.now().0.saturating_add(wait))).await;
}

/// Waits for the connections, and drops those that take too long.
async fn finish(mut connections: JoinSet<()>, wait: Duration, clock: &dyn Clock) {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let deadline = clock.sleep_until(Timestamp(clock.now().0.saturating_add(wait)));
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = deadline => tracing::warn!(left = connections.len(), "connections were cut at the deadline"),
    }
}
