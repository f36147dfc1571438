//! Prints long lists page by page: bounded memory, and a quiet end when the reader has closed the pipe.

use super::{CommandError, print_part};

/// Rows that are read at once.
pub(super) const PAGE_ROWS: u64 = 500;

/// Prints pages until one is not full, `limit` rows are printed, or the reader has closed the pipe. `read` reads at most
/// as many rows as it is given, after the last row of the page before; `line` writes one row.
///
/// # Errors
/// Those of `read`.
pub(super) async fn print_pages<T>(
    limit: Option<u64>,
    mut read: impl AsyncFnMut(Option<&T>, u64) -> Result<Vec<T>, CommandError>,
    line: impl Fn(&T) -> String,
) -> Result<(), CommandError> {
    let mut left = limit.unwrap_or(u64::MAX);
    let mut last: Option<T> = None;
    while left > 0 {
        let wanted = left.min(PAGE_ROWS);
        let mut page = read(last.as_ref(), wanted).await?;
        let count = page.len() as u64;
        let text: String = page.iter().map(|row| line(row) + "\n").collect();
        if !print_part(&text) {
            return Ok(());
        }
        left -= count.min(left);
        last = page.pop();
        if count < wanted {
            return Ok(());
        }
    }
    Ok(())
}
