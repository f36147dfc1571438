//! Classifies database errors by the state of the database that they reveal.
//!
//! Never reads or writes. Spec: SQLite's result codes; PostgreSQL, appendix A (SQLSTATE).
//! Called by: `fault`, for the HTTP status, and `health`, which closes connections.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// The meaning of an error for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The statement or its data is wrong: another attempt fails as well.
    Defect,
    /// Another transaction was in the way: the same connection may try again.
    Contention,
    /// No connection became free in time.
    Exhausted,
    /// The server or file cannot do it now, or not through this connection.
    Unavailable,
    /// This process has closed its connections.
    Closed,
}

impl Trouble {
    /// Classifies an error of the driver.
    pub(super) fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Exhausted,
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Self::Closed,
            // A failure to open a new connection has its cause outside of this process.
            DbErr::Conn(_) => Self::Unavailable,
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                Self::of_driver(error)
            }
            _ => Self::Defect,
        }
    }

    /// Whether the same request may succeed later without a change to this program.
    pub(super) fn is_temporary(self) -> bool {
        self != Self::Defect
    }

    fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                match code.parse::<u32>() {
                    Ok(number) if code.len() < 5 => Self::of_sqlite(number),
                    _ => Self::of_sqlstate(&code),
                }
            }
            sqlx::Error::PoolTimedOut => Self::Exhausted,
            sqlx::Error::PoolClosed => Self::Closed,
            // The last two: a transaction is open where none should be, or none where one was begun.
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::InvalidSavePointStatement => Self::Unavailable,
            _ => Self::Defect,
        }
    }

    /// The lowest byte is the primary result code.
    fn of_sqlite(code: u32) -> Self {
        match code & 0xff {
            // BUSY, LOCKED, INTERRUPT, PROTOCOL (of the file locks)
            5 | 6 | 9 | 15 => Self::Contention,
            // PERM, NOMEM, READONLY, IOERR, FULL, CANTOPEN
            3 | 7 | 8 | 10 | 13 | 14 => Self::Unavailable,
            _ => Self::Defect,
        }
    }

    fn of_sqlstate(code: &str) -> Self {
        match code {
            // lock_not_available, query_canceled
            "55P03" | "57014" => Self::Contention,
            // active_sql_transaction, read_only_sql_transaction, in_failed_sql_transaction,
            // idle_in_transaction_session_timeout, transaction_timeout: this connection cannot do it.
            "25001" | "25006" | "25P02" | "25P03" | "25P04" => Self::Unavailable,
            _ => match code.get(..2) {
                // transaction rollback: serialization failure, deadlock
                Some("40") => Self::Contention,
                // connection, resources, operator intervention, system error
                Some("08" | "53" | "57" | "58") => Self::Unavailable,
                _ => Self::Defect,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_code_of_sqlite_says_whether_to_try_again_and_whether_to_close() {
        for (code, trouble) in [
            (5, Trouble::Contention),            // BUSY
            (5 | 2 << 8, Trouble::Contention),   // BUSY_SNAPSHOT
            (7, Trouble::Unavailable),           // NOMEM
            (8 | 4 << 8, Trouble::Unavailable),  // READONLY_DBMOVED
            (10 | 4 << 8, Trouble::Unavailable), // IOERR_FSYNC
            (13, Trouble::Unavailable),          // FULL
            (14, Trouble::Unavailable),          // CANTOPEN
            (1, Trouble::Defect),                // ERROR
            (11, Trouble::Defect),               // CORRUPT
            (19 | 3 << 8, Trouble::Defect),      // CONSTRAINT_FOREIGNKEY
        ] {
            assert_eq!(Trouble::of_sqlite(code), trouble, "{code}");
        }
    }

    #[test]
    fn an_sqlstate_says_whether_to_try_again_and_whether_to_close() {
        for (code, trouble) in [
            ("40001", Trouble::Contention),  // serialization_failure
            ("40P01", Trouble::Contention),  // deadlock_detected
            ("55P03", Trouble::Contention),  // lock_not_available
            ("57014", Trouble::Contention),  // query_canceled
            ("25006", Trouble::Unavailable), // read_only_sql_transaction
            ("57P01", Trouble::Unavailable), // admin_shutdown
            ("57P02", Trouble::Unavailable), // crash_shutdown
            ("57P03", Trouble::Unavailable), // cannot_connect_now
            ("53100", Trouble::Unavailable), // disk_full
            ("53200", Trouble::Unavailable), // out_of_memory
            ("53300", Trouble::Unavailable), // too_many_connections
            ("08006", Trouble::Unavailable), // connection_failure
            ("58030", Trouble::Unavailable), // io_error
            ("25P02", Trouble::Unavailable), // in_failed_sql_transaction
            ("23505", Trouble::Defect),      // unique_violation
            ("42P01", Trouble::Defect),      // undefined_table
        ] {
            assert_eq!(Trouble::of_sqlstate(code), trouble, "{code}");
        }
    }

    #[test]
    fn a_transport_that_fails_is_unavailable_and_a_value_that_does_not_decode_is_a_defect() {
        let of = |error| Trouble::of(&DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(error))));
        assert_eq!(of(sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into())), Trouble::Unavailable);
        assert_eq!(of(sqlx::Error::PoolTimedOut), Trouble::Exhausted);
        assert_eq!(of(sqlx::Error::PoolClosed), Trouble::Closed);
        assert_eq!(of(sqlx::Error::BeginFailed), Trouble::Unavailable);
        assert_eq!(of(sqlx::Error::RowNotFound), Trouble::Defect);
        assert!(!Trouble::Defect.is_temporary() && Trouble::Contention.is_temporary());
    }
}
