use super::{Bench, Prepared, discovery::document};
use crate::report::Row;

/// The key set; goal: 60 % of the bare handler.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    bench.endpoint("JWKS", 0.6, prepare(bench).await?).await
}

/// The load on the key set.
pub async fn prepare(bench: &Bench) -> anyhow::Result<Prepared> {
    document(bench, "/.well-known/jwks.json").await
}
