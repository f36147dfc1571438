//! Internal errors, for the operator's log.
//!
//! Never shown to a caller: people see a request id.
//! Spec: none.
//! Called by: every module that may fail for a reason which no request causes.

mod cause;

pub use cause::Cause;

/// The log target of temporary faults.
const UNAVAILABLE: &str = "countersign::unavailable";

/// A failure that no request can cause: written to the log, never shown on a page.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    what: String,
    is_temporary: bool,
    #[source]
    source: Option<Cause>,
}

impl Fault {
    /// A permanent fault of data or program: an impossible row, a value that does not parse. `what` names
    /// table and row.
    pub fn broken(what: impl Into<String>) -> Self {
        Self { what: what.into(), is_temporary: false, source: None }
    }

    /// As [`Fault::broken`], with what caused it.
    pub fn because(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self { what: what.into(), is_temporary: false, source: Some(source.into()) }
    }

    /// As [`Fault::because`], for a temporary failure: the resource is expected to come back.
    pub fn away(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self { what: what.into(), is_temporary: true, source: Some(source.into()) }
    }

    /// Prefixes the fault with `place`, for example the database that it comes from.
    #[must_use]
    pub fn at(self, place: &impl std::fmt::Display) -> Self {
        Self { what: format!("{place}: {}", self.what), ..self }
    }

    /// A copy of the fault, for each of several requests that share one query.
    pub fn shared(&self) -> Self {
        Self { what: self.chain(), is_temporary: self.is_temporary, source: None }
    }

    /// Whether a later attempt may succeed because the database is unavailable or busy. Interfaces then
    /// answer 503 with `Retry-After`.
    pub fn is_temporary(&self) -> bool {
        self.is_temporary
    }

    /// Writes the fault to the log; `what` is the action that failed. A temporary fault is written at
    /// `debug`, because [`Storage`](crate::storage::Storage) logs one line for the whole outage instead of one for each
    /// request.
    pub fn log(&self, what: &str) {
        if self.is_temporary {
            tracing::debug!(target: UNAVAILABLE, "{what}: {}", self.chain());
        } else {
            tracing::error!("{what}: {}", self.chain());
        }
    }

    /// The fault and its sources, outermost first, in one line.
    pub fn chain(&self) -> String {
        let mut text = self.what.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
