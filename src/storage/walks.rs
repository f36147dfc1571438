//! Walks over a whole table by its ids, page by page: for rows that no index finds, because the condition
//! depends on another table.
//!
//! Never reads more than one page at a time, and reads outside of any transaction, so that on SQLite no write
//! waits.
//! Spec: none. Called by: `retention`.

use super::{
    Executor, Fault, Storage,
    slices::{Progress, Slice},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value, prelude::Uuid};
use std::collections::VecDeque;

/// Ids on one page.
const PAGE_ROWS: usize = 256;

/// The table that a walk covers, its condition, and the changes that it makes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// The table to walk, by its column `id`.
    pub(super) table: &'static str,
    /// The condition of the rows to change, under the alias `w`; `{value}` stands for the walk's number.
    pub(super) is_due: &'static str,
    /// The changes for the ids found, children before parents: see [`Slice::new`]. `{ids}` stands for the
    /// ids, `{value}` for the walk's number.
    pub(super) changes: &'static [(&'static str, &'static str)],
}

/// A walk in progress.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    route: Route,
    value: i64,
    after: Uuid,
    is_at_end: bool,
    changing: VecDeque<Slice>,
}

impl Walk {
    /// Starts before the first id. A row that meets the condition keeps meeting it, so it is not checked
    /// again.
    pub(super) fn new(route: Route, value: i64) -> Self {
        Self { route, value, after: Uuid::nil(), is_at_end: false, changing: VecDeque::new() }
    }

    /// Changes one slice, or reads one page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn run(&mut self, storage: &Storage) -> Result<Progress, Fault> {
        if self.changing.is_empty() {
            self.turn_page(storage).await?;
        }
        while let Some(slice) = self.changing.front() {
            if slice.run(storage).await? == Progress::MoreIsLeft {
                return Ok(Progress::MoreIsLeft);
            }
            self.changing.pop_front();
        }
        Ok(if self.is_at_end { Progress::Done } else { Progress::MoreIsLeft })
    }

    /// Returns every statement of the walk, with a placeholder id.
    pub(super) fn statements(&self, backend: DbBackend) -> Vec<Statement> {
        let ids = [self.after];
        let changes = self.changes(&ids);
        let changes = changes.iter().map(|slice| slice.statement(backend));
        [self.page(backend), self.due(backend, &ids)].into_iter().chain(changes).collect()
    }

    async fn turn_page(&mut self, storage: &Storage) -> Result<(), Fault> {
        let page = read_ids(storage, self.page(storage.backend())).await?;
        self.is_at_end = page.len() < PAGE_ROWS;
        let Some(last) = page.last() else { return Ok(()) };
        self.after = *last;
        let due = read_ids(storage, self.due(storage.backend(), &page)).await?;
        if !due.is_empty() {
            self.changing = self.changes(&due).into();
        }
        Ok(())
    }

    fn page(&self, backend: DbBackend) -> Statement {
        let table = self.route.table;
        let sql = format!("SELECT w.id FROM {table} w WHERE w.id > $1 ORDER BY w.id LIMIT {PAGE_ROWS}");
        Statement::from_sql_and_values(backend, sql, [self.after.into()])
    }

    fn due(&self, backend: DbBackend, page: &[Uuid]) -> Statement {
        let (table, is_due) = (self.route.table, self.with_value(self.route.is_due));
        let sql = format!("SELECT w.id FROM {table} w WHERE w.id IN ({}) AND {is_due}", places());
        Statement::from_sql_and_values(backend, sql, padded(page))
    }

    fn changes(&self, due: &[Uuid]) -> Vec<Slice> {
        let rows = |text: &str| self.with_value(text).replace("{ids}", &places());
        let changes = self.route.changes.iter();
        changes.map(|(change, text)| Slice::new(change, rows(text), padded(due))).collect()
    }

    fn with_value(&self, text: &str) -> String {
        text.replace("{value}", &self.value.to_string())
    }
}

/// `$1, $2, …`: as many as a page has, so that one statement is prepared however few ids there are.
fn places() -> String {
    let places: Vec<String> = (1..=PAGE_ROWS).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// Fills a page of ids by repeating the last one.
fn padded(ids: &[Uuid]) -> Vec<Value> {
    let last = ids.last().copied().unwrap_or_default();
    ids.iter().copied().chain(std::iter::repeat(last)).take(PAGE_ROWS).map(Value::from).collect()
}

async fn read_ids(storage: &Storage, statement: Statement) -> Result<Vec<Uuid>, Fault> {
    let rows = storage.connection().query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}
