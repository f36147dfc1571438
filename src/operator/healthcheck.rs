//! `countersign healthcheck`.

use super::CommandError;
use crate::{
    cli::{Exit, Healthcheck},
    config::Config,
    http::urls::Path,
    outbox::guard::{Guard, Origin, PushHosts},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Checks that a running server is alive.
///
/// # Errors
/// When it does not answer, or answers with an error.
pub async fn healthcheck(options: Healthcheck) -> Result<(), CommandError> {
    let origin = match &options.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", reachable(Config::load(&options.sources())?.listen)),
    };
    let target: Origin =
        origin.parse().map_err(|error| CommandError::new(format!("--url: {error}")).with(Exit::Usage))?;
    let guard =
        Guard::new(vec![target], PushHosts::only(&[]).map_err(|error| CommandError::new(error.to_string()))?);
    let address = format!("{origin}{}", Path::Livez.as_str());
    let request = http::Request::get(&address).body(Vec::new());
    let request =
        request.map_err(|error| CommandError::new(format!("{address}: {error}")).with(Exit::Usage))?;
    match guard.send(request).await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => {
            Err(CommandError::new(format!("{address} answered {}", answer.status())).with(Exit::Unavailable))
        }
        Err(error) => Err(CommandError::new(format!("{address} does not answer: {}", error.detail()))
            .with(Exit::Unavailable)),
    }
}

/// The address at which a server that listens on every address is reached from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let address = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(address, listen.port())
}
