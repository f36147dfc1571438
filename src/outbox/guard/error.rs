use super::resolver::NotPublic;
use std::error::Error;

/// A request without a response. Its text is the same for every reason, so that the person who chose the
/// address learns nothing about this server's network; the reason is in [`detail`](Self::detail), for the
/// operator's log.
#[derive(Debug, thiserror::Error)]
#[error("the address could not be reached")]
pub struct OutboundError {
    refused: Option<RefusedEndpoint>,
    detail: String,
}

/// The rule that refused an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedEndpoint {
    /// The host is not one of the permitted push services (`push.hosts`).
    Host,
    /// Not `https` at its default port.
    NotHttps,
    /// No public host, or a user name or password in the URL.
    Address,
}

impl RefusedEndpoint {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::Host, Self::NotHttps, Self::Address];

    /// Returns the stable code for the device API and for storage.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host_refused",
            Self::NotHttps => "endpoint_not_https",
            Self::Address => "address_refused",
        }
    }
}

impl OutboundError {
    /// A rule of the guard refused the address; another attempt is refused too.
    pub(super) fn refused(rule: RefusedEndpoint, detail: impl Into<String>) -> Self {
        Self { refused: Some(rule), detail: detail.into() }
    }

    /// The request failed without a response.
    pub(super) fn failed(detail: impl Into<String>) -> Self {
        Self { refused: None, detail: detail.into() }
    }

    /// Whether a rule of the guard refused the address.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Returns the rule of the guard that refused the address.
    pub fn refused_by(&self) -> Option<RefusedEndpoint> {
        self.refused
    }

    /// Returns the reason, for the operator's log only.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<reqwest::Error> for OutboundError {
    /// Drops the URL, because the URL of a push endpoint is a capability.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let causes: Vec<&(dyn Error + 'static)> =
            std::iter::successors(error.source(), |cause| (**cause).source()).collect();
        let detail: Vec<String> =
            std::iter::once(error.to_string()).chain(causes.iter().map(ToString::to_string)).collect();
        let is_inside = causes.iter().any(|cause| cause.is::<NotPublic>());
        Self { refused: is_inside.then_some(RefusedEndpoint::Address), detail: detail.join(": ") }
    }
}
