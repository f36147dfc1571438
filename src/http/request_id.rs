//! The id of a request: returned to the client, shown on error pages, written in every log line.

use crate::{entropy::Entropy, http::source::Source};
use poem::Request;
use std::{fmt, sync::Arc};

/// The header that carries the id.
pub const REQUEST_ID: http::HeaderName = http::HeaderName::from_static("x-request-id");

/// The id of a request, stored in its data by [`crate::http::middleware`].
/// Empty for work that no request caused. Clones share the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes the id that a trusted proxy sent, or creates one.
    pub fn assign(request: &Request, source: &Source, entropy: &dyn Entropy) -> Self {
        let given = request.header(REQUEST_ID).filter(|id| source.is_proxied && is_harmless(id));
        Self(given.map_or_else(|| entropy.nonce().into(), Arc::from))
    }

    /// Returns the id of the request; empty outside [`crate::http::middleware`].
    pub fn of(request: &Request) -> Self {
        request.data::<Self>().cloned().unwrap_or_default()
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether an id is 1 to 128 characters without a meaning in pages and logs.
fn is_harmless(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use std::net::Ipv4Addr;

    fn assigned(id: &str, is_proxied: bool) -> RequestId {
        let request = Request::builder().header(REQUEST_ID, id).finish();
        let source = Source { address: Ipv4Addr::LOCALHOST.into(), is_proxied };
        RequestId::assign(&request, &source, &SystemEntropy)
    }

    #[test]
    fn only_a_trusted_proxy_may_set_a_request_id_of_safe_characters() {
        assert_eq!(assigned("Root=1-67891233-abc", true).as_str(), "Root=1-67891233-abc");
        for (id, is_proxied) in [("abc", false), ("<script>", true), ("", true), (&*"a".repeat(129), true)] {
            assert_ne!(assigned(id, is_proxied).as_str(), id);
            assert_eq!(assigned(id, is_proxied).as_str().len(), 22);
        }
    }
}
