//! Accepts connections and shuts the server down in order.

use super::{
    connection::{self, ServerContext},
    descriptors,
    listeners::Listeners,
    refusal::{Refusal, Refusals},
    settings::ServerSettings,
};
use crate::{
    clock::{Clock, Timestamp},
    entropy::Entropy,
    http::source::{contains, rate_limit_prefix},
    limits::concurrency::Slots,
};
use ipnet::IpNet;
use poem::Endpoint;
use std::{io, net::IpAddr, sync::Arc, time::Duration};
use tokio::{net::TcpStream, task::JoinSet};

/// A peer that acknowledges nothing for this long is considered dead (RFC 5482).
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(60);
/// The maximum pause after the system failed to accept, in milliseconds.
const MAX_ACCEPT_PAUSE_MILLISECONDS: i64 = 1_000;

/// Serves `endpoint` on `listeners` until `stop` resolves, then lets requests in flight finish.
pub async fn serve<E: Endpoint<Output = poem::Response> + 'static>(
    listeners: Listeners,
    endpoint: E,
    settings: ServerSettings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    stop: impl Future<Output = ()> + Send,
) {
    let connections = descriptors::room_for(settings.connections);
    let slots = Slots::new(connections, settings.connections_per_source);
    let uncounted = settings.uncounted.clone();
    let server = Arc::new(ServerContext {
        endpoint,
        settings: Arc::new(settings),
        clock: Arc::clone(&clock),
        entropy,
    });
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
                    let source = counted_source(peer.ip(), &uncounted);
                    let Some(slot) = slots.take(source) else { reject(&socket, &server.refusals(peer)); continue };
                    prepare(&socket);
                    let served = connection::serve(socket, peer, Arc::clone(&server), is_closing.clone());
                    connections.spawn(async move {
                        served.await;
                        drop(slot);
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

/// Returns the network by which a connection is counted; `None` if its network is in `uncounted`.
fn counted_source(address: IpAddr, uncounted: &[IpNet]) -> Option<IpNet> {
    (!contains(uncounted, address)).then(|| rate_limit_prefix(address))
}

/// Sends small responses immediately and detects unplugged peers.
fn prepare(socket: &TcpStream) {
    let _ = socket.set_nodelay(true);
    let _ = socket2::SockRef::from(socket).set_tcp_user_timeout(Some(TCP_USER_TIMEOUT));
}

/// Sends a best-effort 503 before closing a connection over the limit.
fn reject(socket: &TcpStream, refusals: &Refusals) {
    tracing::warn!(
        peer = %refusals.peer,
        "connection refused: limits.connections or limits.connections_per_source is reached"
    );
    let _ = socket.try_write(&refusals.respond(Refusal::Full));
}

/// Pauses when the system cannot accept, for example without free file descriptors; longer after each failure
/// in a row.
async fn pause(error: &io::Error, refusals: u32, clock: &dyn Clock) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        return;
    }
    tracing::warn!(%error, "cannot accept connections");
    let wait = 10_i64.saturating_mul(1 << refusals.min(10)).min(MAX_ACCEPT_PAUSE_MILLISECONDS);
    clock.sleep_until(Timestamp(clock.now().0.saturating_add(wait))).await;
}

/// Waits for the connections to end and drops those that are open at the deadline.
async fn finish(mut connections: JoinSet<()>, wait: Duration, clock: &dyn Clock) {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let deadline = clock.sleep_until(Timestamp(clock.now().0.saturating_add(wait)));
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = deadline => tracing::warn!(left = connections.len(), "connections were closed at the shutdown deadline"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_source() {
        let source = |address: &str| counted_source(address.parse().unwrap(), &[]).unwrap();
        assert_eq!(source("2001:db8::1"), source("2001:db8::2"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
    }

    #[test]
    fn a_trusted_proxy_is_not_counted_by_source() {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let source = |address: &str| counted_source(address.parse().unwrap(), &proxies);
        assert_eq!(source("10.0.0.1"), None);
        assert!(source("192.0.2.1").is_some());
    }
}
