//! Errors of the database library as faults: temporary or not, and in words that are safe to log.

use super::trouble::Trouble;
use crate::fault::{Cause, Fault};
use sea_orm::{DbErr, RuntimeErr};

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        let what = "the database did not answer as expected";
        if Trouble::of(&error).is_temporary() { Self::away(what, error) } else { Self::because(what, error) }
    }
}

impl From<DbErr> for Cause {
    fn from(error: DbErr) -> Self {
        Self::from(&error)
    }
}

impl From<&DbErr> for Cause {
    fn from(error: &DbErr) -> Self {
        match error {
            DbErr::Conn(error) => Self::in_words(format!("connection error: {}", of_runtime(error))),
            DbErr::Exec(error) => Self::in_words(format!("execution error: {}", of_runtime(error))),
            DbErr::Query(error) => Self::in_words(format!("query error: {}", of_runtime(error))),
            DbErr::TryIntoErr { from, into, .. } => {
                Self::in_words(format!("a value of {from} cannot be converted into {into}"))
            }
            DbErr::Type(_) => Self::in_words("a column holds a value of another type than expected"),
            DbErr::Json(_) => Self::in_words("a column holds other JSON than expected"),
            other => Self::in_words(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for Cause {
    fn from(error: sqlx::Error) -> Self {
        Self::in_words(of_sqlx(&error))
    }
}

fn of_runtime(error: &RuntimeErr) -> String {
    match error {
        RuntimeErr::SqlxError(error) => of_sqlx(error),
        // This variant contains the whole database URL when the library cannot parse it.
        RuntimeErr::Internal(_) => {
            "the database library refused, in words that may repeat its input".to_owned()
        }
    }
}

/// Keeps the database's message, which names tables and connections, except in SQLSTATE class 22, where
/// PostgreSQL quotes values.
fn of_sqlx(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => match error.code() {
            Some(code) if code.len() == 5 && code.starts_with("22") => {
                format!("the database refused a value (SQLSTATE {code})")
            }
            _ => format!("error returned from the database: {}", error.message()),
        },
        sqlx::Error::Configuration(_) => "the address of the database cannot be used".to_owned(),
        sqlx::Error::ColumnDecode { index, .. } => format!("column {index} cannot be decoded"),
        sqlx::Error::Decode(_) => "a value from the database cannot be decoded".to_owned(),
        sqlx::Error::Encode(_) => "a value for the database cannot be encoded".to_owned(),
        sqlx::Error::InvalidArgument(_) => "the database library refused an argument".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn an_error_of_the_database_library_keeps_its_kind_and_loses_quoted_input() {
        let sqlx = |error: sqlx::Error| RuntimeErr::SqlxError(Arc::new(error));
        let quoting = || "MARK".to_owned();
        for (error, expected) in [
            (DbErr::Conn(RuntimeErr::Internal(quoting())), "connection error: the database library refused"),
            (
                DbErr::Conn(sqlx(sqlx::Error::Configuration(quoting().into()))),
                "connection error: the address of the database cannot be used",
            ),
            (
                DbErr::Query(sqlx(sqlx::Error::ColumnDecode {
                    index: "\"name\"".into(),
                    source: quoting().into(),
                })),
                "query error: column \"name\" cannot be decoded",
            ),
            (
                DbErr::Exec(sqlx(sqlx::Error::Encode(quoting().into()))),
                "execution error: a value for the database",
            ),
            (DbErr::Query(sqlx(sqlx::Error::PoolTimedOut)), "query error: pool timed out while waiting"),
            (DbErr::Type(quoting()), "a column holds a value of another type"),
            (DbErr::Json(quoting()), "a column holds other JSON"),
        ] {
            let words = Cause::from(error).to_string();
            assert!(words.starts_with(expected) && !words.contains("MARK"), "{words}");
        }
    }
}
