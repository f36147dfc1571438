use super::public_address::is_public;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Resolves host names.
pub trait Lookup: Send + Sync + 'static {
    /// Returns the addresses of `name`.
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The name has only private or reserved addresses.
#[derive(Debug, thiserror::Error)]
#[error("{name} has no public address, but {found:?}")]
pub(super) struct NotPublic {
    name: String,
    found: Vec<IpAddr>,
}

/// Resolves a name with `Lookup` for each connection and returns only its public addresses: the connection
/// goes to an address that was checked, even if the name resolves differently later (DNS rebinding).
pub(super) struct PublicOnly(pub(super) Arc<dyn Lookup>);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let looked_up = self.0.addresses(name.clone());
        Box::pin(async move {
            let (public, found): (Vec<IpAddr>, Vec<IpAddr>) =
                looked_up.await?.into_iter().partition(|ip| is_public(*ip));
            if public.is_empty() {
                return Err(NotPublic { name, found }.into());
            }
            Ok(with_default_port(public))
        })
    }
}

/// Returns every address that `Lookup` finds: for origins that the operator has allowed.
pub(super) struct Any(pub(super) Arc<dyn Lookup>);

impl Resolve for Any {
    fn resolve(&self, name: Name) -> Resolving {
        let looked_up = self.0.addresses(name.as_str().to_owned());
        Box::pin(async move { Ok(with_default_port(looked_up.await?)) })
    }
}

/// Port 0 stands for the port in the URL.
fn with_default_port(addresses: Vec<IpAddr>) -> Addrs {
    Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    struct Fixed(Vec<&'static str>);

    impl Lookup for Fixed {
        fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let found = self.0.iter().map(|text| text.parse().unwrap()).collect();
            Box::pin(async move { Ok(found) })
        }
    }

    async fn resolved(found: &[&'static str]) -> Result<Vec<String>, String> {
        let resolver = PublicOnly(Arc::new(Fixed(found.to_vec())));
        match resolver.resolve("push.example".parse().unwrap()).await {
            Ok(addresses) => Ok(addresses.map(|address| address.ip().to_string()).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tokio::test]
    async fn only_public_addresses_of_a_name_are_connected_to() {
        assert_eq!(resolved(&["8.8.8.8"]).await.unwrap(), ["8.8.8.8"]);
        assert_eq!(
            resolved(&["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1"]).await.unwrap(),
            ["8.8.8.8", "2606:4700::1"]
        );
        for hostile in ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "0.0.0.0"] {
            let sentence = resolved(&[hostile]).await.unwrap_err();
            assert!(sentence.contains("push.example has no public address"), "{sentence}");
        }
        assert!(resolved(&[]).await.is_err());
    }

    /// Resolves to a public address first and to loopback afterwards.
    #[derive(Default)]
    struct Rebinding(AtomicBool);

    impl Lookup for Rebinding {
        fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let was_asked = self.0.swap(true, Ordering::SeqCst);
            Box::pin(
                async move { Ok(vec![IpAddr::from(if was_asked { [127, 0, 0, 1] } else { [8, 8, 8, 8] })]) },
            )
        }
    }

    #[tokio::test]
    async fn a_name_that_later_resolves_to_loopback_is_refused() {
        let resolver = PublicOnly(Arc::new(Rebinding::default()));
        let first = resolver.resolve("rebinding.example".parse().unwrap()).await.unwrap();
        assert_eq!(first.map(|address| address.ip().to_string()).collect::<Vec<_>>(), ["8.8.8.8"]);
        assert!(resolver.resolve("rebinding.example".parse().unwrap()).await.is_err());
    }
}
