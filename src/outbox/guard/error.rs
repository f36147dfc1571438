use super::resolver::NotPublic;
use std::error::Error;

/// A request that did not come to an answer. Its text is the same whatever the reason, so that whoever chose the
/// address learns nothing of the network here; the reason is in [`detail`](Self::detail), for the operator's log.
#[derive(Debug, thiserror::Error)]
#[error("the address could not be reached")]
pub struct OutboundError {
    refused: Option<RefusedEndpoint>,
    detail: String,
}

/// Which rule stands against an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedEndpoint {
    /// The host is not one of the push services that may be called (`push.hosts`).
    Host,
    /// Not `https` at its default port.
    NotHttps,
    /// No public host, or a user or password in the address.
    Address,
}

impl RefusedEndpoint {
    /// Every rule there is.
    pub const ALL: [Self; 3] = [Self::Host, Self::NotHttps, Self::Address];

    /// As the device API says it and as it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host_refused",
            Self::NotHttps => "endpoint_not_https",
            Self::Address => "address_refused",
        }
    }
}

impl OutboundError {
    /// Our own rules stand against it; trying again changes nothing.
    pub(super) fn refused(rule: RefusedEndpoint, detail: impl Into<String>) -> Self {
        Self { refused: Some(rule), detail: detail.into() }
    }

    /// Nothing came back, or too much.
    pub(super) fn failed(detail: impl Into<String>) -> Self {
        Self { refused: None, detail: detail.into() }
    }

    /// Whether our own rules stand against the address.
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Which of our own rules stands against the address.
    pub fn refused_by(&self) -> Option<RefusedEndpoint> {
        self.refused
    }

    /// What happened, for the operator's log and nobody else.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<reqwest::Error> for OutboundError {
    /// The URL of a push endpoint is a capability, so it stays out of the text.
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
