//! The status of what a page waits for.

use crate::clock::Timestamp;

/// The current status of a watched object.
pub(super) struct Status {
    /// Grows with every change.
    pub version: i64,
    /// The JSON for the page.
    pub text: String,
    /// The time at which it expires by itself.
    pub changes_at: Option<Timestamp>,
    /// Whether the status is final.
    pub is_over: bool,
}
