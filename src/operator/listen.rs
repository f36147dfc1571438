//! Binds the listening address.

use super::CommandError;
use crate::cli::Exit;
use crate::http::server::{BindError, Listeners};
use std::{io, net::SocketAddr};

/// Listens on `address`.
///
/// # Errors
/// When another program uses it, or the operating system forbids it.
pub async fn listen(address: SocketAddr) -> Result<Listeners, CommandError> {
    Listeners::open(address).await.map_err(|bind_error| refusal(&bind_error))
}

/// Listens on `address`, or on another free port when another program uses that one.
///
/// # Errors
/// When the operating system forbids it.
pub async fn listen_nearby(address: SocketAddr) -> Result<Listeners, CommandError> {
    match Listeners::open(address).await {
        Err(bind_error) if bind_error.error.kind() == io::ErrorKind::AddrInUse => {
            listen(SocketAddr::new(address.ip(), 0)).await
        }
        other => other.map_err(|bind_error| refusal(&bind_error)),
    }
}

fn refusal(bind_error: &BindError) -> CommandError {
    let BindError { address, error } = bind_error;
    let (exit, sentence) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            Exit::Unavailable,
            format!("{address} is in use by another program: stop it, or give another address with --listen"),
        ),
        io::ErrorKind::PermissionDenied => (
            Exit::Permission,
            format!("the system does not let this user listen on {address}: choose a port above 1023"),
        ),
        _ => (Exit::Configuration, bind_error.to_string()),
    };
    CommandError::new(sentence).with(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_and_the_demo_uses_another() {
        let taken = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = taken.address();
        let error = listen(address).await.unwrap_err();
        assert_eq!(error.exit, Exit::Unavailable);
        assert!(error.sentence.contains(&address.to_string()), "{error}");
        let other = listen_nearby(address).await.unwrap().address();
        assert_ne!(other.port(), address.port());
    }
}
