//! What the operator is told when storage could not do its work.

use super::Cause;
use sea_orm::DbErr;

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
    pub(super) fn shared(&self) -> Self {
        Self { what: self.chain(), is_temporary: self.is_temporary, source: None }
    }

    /// Whether trying again later may help: the database is away or busy. Faces answer 503 with `Retry-After`.
    pub fn is_temporary(&self) -> bool {
        self.is_temporary
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
            is_temporary: is_temporary(&error),
            source: Some(error.into()),
        }
    }
}

/// Away, restarting, out of connections, locked or full: all of these pass without a change of ours.
fn is_temporary(error: &DbErr) -> bool {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return true,
        DbErr::Exec(error) | DbErr::Query(error) => error,
        _ => return false,
    };
    let sea_orm::RuntimeErr::SqlxError(error) = runtime else { return false };
    match error.as_ref() {
        sqlx::Error::Database(error) => {
            // PostgreSQL: 08 connection, 40 rolled back, 53 resources, 57 operator intervention. SQLite: 5 busy,
            // 6 locked, 10 I/O, 13 full, 14 cannot open, with their extended codes in the higher bytes.
            let code = error.code().unwrap_or_default();
            match code.parse::<u32>() {
                Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 8 | 10 | 13 | 14),
                _ => ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)),
            }
        }
        sqlx::Error::RowNotFound | sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } => false,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}
