use super::{Bench, discovery::document};
use crate::report::Row;

/// The key set; goal: 60 % of the bare handler.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    document(bench, "JWKS", "/.well-known/jwks.json").await
}
