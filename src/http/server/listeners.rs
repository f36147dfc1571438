//! The listening sockets of one address. Loopback has two: some programs resolve `localhost` to `127.0.0.1`
//! and others to `[::1]`, and another program on the second address would be mistaken for this server.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    task::Poll,
};
use tokio::net::{TcpListener, TcpStream};

/// The number of attempts to find a free port: a port that is free in one family may be taken in the other.
const MAX_BIND_ATTEMPTS: usize = 16;

/// The listening sockets of one port.
#[derive(Debug)]
pub struct Listeners {
    listeners: Vec<TcpListener>,
    address: SocketAddr,
}

/// Why a socket cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}")]
pub struct BindError {
    /// The address that cannot be opened.
    pub address: SocketAddr,
    /// The error of the system.
    pub error: io::Error,
}

impl Listeners {
    /// Listens on `address`, and for a loopback address also on the loopback address of the other family, if
    /// the machine has both.
    ///
    /// # Errors
    /// When another program uses one of the addresses, or the system forbids it.
    pub async fn open(address: SocketAddr) -> Result<Self, BindError> {
        let mut tries = if address.port() == 0 { MAX_BIND_ATTEMPTS } else { 1 };
        loop {
            tries -= 1;
            match Self::try_open(address).await {
                Err(bind_error) if bind_error.error.kind() == io::ErrorKind::AddrInUse && tries > 0 => {}
                other => return other,
            }
        }
    }

    async fn try_open(wanted: SocketAddr) -> Result<Self, BindError> {
        let bind_error = |address| move |error| BindError { address, error };
        let first = TcpListener::bind(wanted).await.map_err(bind_error(wanted))?;
        let address = first.local_addr().map_err(bind_error(wanted))?;
        let mut listeners = vec![first];
        if let Some(twin) = twin(address) {
            match TcpListener::bind(twin).await {
                Ok(second) => listeners.push(second),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    return Err(bind_error(twin)(error));
                }
                // The machine does not support the other family.
                Err(_) => {}
            }
        }
        Ok(Self { listeners, address })
    }

    /// Returns the requested address; a port 0 is replaced by the chosen port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts the next connection on either socket.
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|context| {
            let mut accepted = self.listeners.iter().map(|listener| listener.poll_accept(context));
            accepted.find(Poll::is_ready).unwrap_or(Poll::Pending)
        })
        .await
    }
}

/// Formats the addresses as `127.0.0.1:8080 and [::1]:8080`.
impl fmt::Display for Listeners {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.listeners.iter().filter_map(|listener| listener.local_addr().ok());
        let addresses: Vec<_> = addresses.map(|address| address.to_string()).collect();
        formatter.write_str(&addresses.join(" and "))
    }
}

/// Returns the loopback address of the other family, with the same port.
fn twin(address: SocketAddr) -> Option<SocketAddr> {
    let ip: IpAddr = match address.ip() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Ipv4Addr::LOCALHOST.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    #[test]
    fn only_loopback_addresses_have_a_twin() {
        assert_eq!(twin(at("127.0.0.1:80")), Some(at("[::1]:80")));
        assert_eq!(twin(at("[::1]:80")), Some(at("127.0.0.1:80")));
        for other in ["127.0.0.2:80", "0.0.0.0:80", "[::]:80", "192.0.2.1:80"] {
            assert_eq!(twin(at(other)), None, "{other}");
        }
    }

    #[tokio::test]
    async fn both_loopback_addresses_accept_connections() {
        let listeners = Listeners::open(at("127.0.0.1:0")).await.unwrap();
        let mut addresses = vec![listeners.address()];
        if TcpListener::bind("[::1]:0").await.is_ok() {
            addresses.extend(twin(listeners.address()));
        }
        for address in addresses {
            let (accepted, connected) = tokio::join!(listeners.accept(), TcpStream::connect(address));
            let ((_, peer), socket) = (accepted.unwrap(), connected.unwrap());
            assert_eq!(peer, socket.local_addr().unwrap());
            assert!(listeners.to_string().contains(&address.to_string()), "{listeners}");
        }
    }

    #[tokio::test]
    async fn a_port_taken_on_either_loopback_address_is_refused() {
        for (theirs, ours) in [("127.0.0.1", "[::1]"), ("[::1]", "127.0.0.1"), ("127.0.0.1", "127.0.0.1")] {
            let Ok(taken) = TcpListener::bind(format!("{theirs}:0")).await else { continue };
            let taken = taken.local_addr().map(|address| (taken, address)).unwrap();
            let bind_error = Listeners::open(at(&format!("{ours}:{}", taken.1.port()))).await.unwrap_err();
            assert_eq!((bind_error.address, bind_error.error.kind()), (taken.1, io::ErrorKind::AddrInUse));
        }
    }
}
