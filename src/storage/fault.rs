//! What the operator is told when storage could not do its work.

use super::{Cause, trouble::Trouble};
use sea_orm::DbErr;

/// The log target of temporary faults.
const UNAVAILABLE: &str = "countersign::unavailable";

/// Something failed that no request could have caused: for the log, never for a page.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    what: String,
    is_temporary: bool,
    #[source]
    source: Option<Cause>,
}

impl Fault {
    /// A fault in this house: a row that cannot be, a value that does not parse. `what` names table and row.
    pub fn broken(what: impl Into<String>) -> Self {
        Self { what: what.into(), is_temporary: false, source: None }
    }

    /// As [`Fault::broken`], with what caused it.
    pub fn because(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self { what: what.into(), is_temporary: false, source: Some(source.into()) }
    }

    /// As [`Fault::because`], for something that is away and will come back.
    pub fn away(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self { what: what.into(), is_temporary: true, source: Some(source.into()) }
    }

    /// The same fault, said of `place`, such as the database that it came from.
    #[must_use]
    pub fn at(self, place: &impl std::fmt::Display) -> Self {
        Self { what: format!("{place}: {}", self.what), ..self }
    }

    /// The same fault once more, for each of those who asked together.
    pub fn shared(&self) -> Self {
        Self { what: self.chain(), is_temporary: self.is_temporary, source: None }
    }

    /// Whether trying again later may help: the database is away or busy. Faces answer 503 with `Retry-After`.
    pub fn is_temporary(&self) -> bool {
        self.is_temporary
    }

    /// Writes it to the log, after `what` could not be done. A temporary fault is written at `debug`: when the database
    /// stops serving, one line says so, and not one for each request.
    pub fn log(&self, what: &str) {
        if self.is_temporary {
            tracing::debug!(target: UNAVAILABLE, "{what}: {}", self.chain());
        } else {
            tracing::error!("{what}: {}", self.chain());
        }
    }

    /// The whole chain, outermost first, for one line of the log.
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

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        Self {
            what: "the database did not answer as expected".into(),
            is_temporary: Trouble::of(&error).is_temporary(),
            source: Some(error.into()),
        }
    }
}
