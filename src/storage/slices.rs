//! Statements that change a bounded number of rows, each in a short transaction of its own.
//!
//! Never decides which rows: the caller gives the text between `FROM` and `LIMIT`. Spec: none.
//! Called by: `retention` and `walks`.

use super::{Executor, Fault, Storage};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

/// The maximum number of rows that one transaction of the retention run changes.
///
/// On SQLite a write waits for the transaction before it, and most of that wait is the COMMIT: hashes are
/// scattered, so each row dirties up to four pages. Measured on tables of this shape in a file of 0.8 GB with
/// 1.2 million rows, on a busy machine: a slice of 100 rows took 1 ms for its statement and, in the median, 2
/// to 8 ms with its COMMIT (95 % within 55 ms, checkpoints included); one of 400 rows took 11 to 71 ms in the
/// median.
pub const SLICE_ROWS: u64 = 100;

/// Whether a task is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A bounded piece of work was done and more may be left: pause before the next one.
    MoreIsLeft,
    /// Nothing is left.
    Done,
}

/// One DELETE or UPDATE of rows of one table.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    change: &'static str,
    rows: String,
    values: Vec<Value>,
}

impl Slice {
    /// `change` is `DELETE FROM table` or `UPDATE table SET …`; `rows` is the text between `FROM` and
    /// `LIMIT`, with that table under the alias `x`; `values` are its parameters `$1`, `$2`, ….
    pub(super) fn new(change: &'static str, rows: impl Into<String>, values: Vec<Value>) -> Self {
        Self { change, rows: rows.into(), values }
    }

    /// Builds the statement for one slice. An index finds the rows, and their physical address identifies
    /// them for the change. PostgreSQL skips rows that another transaction has locked, so that nodes that
    /// delete concurrently neither wait for each other nor deadlock.
    pub(super) fn statement(&self, backend: DbBackend) -> Statement {
        let Self { change, rows, values } = self;
        let sql = match backend {
            DbBackend::Postgres => format!(
                "{change} WHERE ctid = ANY(ARRAY(SELECT x.ctid FROM {rows} LIMIT {SLICE_ROWS} FOR UPDATE OF x SKIP LOCKED))"
            ),
            _ => format!("{change} WHERE rowid IN (SELECT x.rowid FROM {rows} LIMIT {SLICE_ROWS})"),
        };
        Statement::from_sql_and_values(backend, sql, values.clone())
    }

    /// Changes at most [`SLICE_ROWS`] rows in one transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn run(&self, storage: &Storage) -> Result<Progress, Fault> {
        let tx = storage.begin().await?;
        let changed = tx.connection().execute_raw(self.statement(storage.backend())).await?.rows_affected();
        tx.commit().await?;
        Ok(if changed < SLICE_ROWS { Progress::Done } else { Progress::MoreIsLeft })
    }
}
