//! The network from which a reported sign-in came: it is blocked for that person for a while, in every browser,
//! also in those that are known. A known browser is no exception, because the stranger's may be one.

use crate::{
    clock::Timestamp,
    fault::Fault,
    limits::lockout::{FailureCount, REPORTED_SOURCE_BLOCK_SECONDS},
    storage::{
        Executor, Transaction,
        attempts::{self, REPORTED},
    },
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ipnet::IpNet;

/// The key under which the block is stored. `subject` is the person, or what stands for an unknown name.
pub(super) fn key(subject: &str, source: IpNet) -> String {
    let place = digest(&SHA256, source.to_string().as_bytes());
    format!("{REPORTED}{subject}:{}", URL_SAFE_NO_PAD.encode(place))
}

/// Blocks the source, and returns the end. The caller holds the row of the person.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn block(tx: &Transaction, key: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    let until = now.plus_seconds(REPORTED_SOURCE_BLOCK_SECONDS);
    attempts::block(tx, key, until, now).await?;
    Ok(until)
}

/// Checks whether an attempt from the source is allowed; the inner error is the instant from which it is.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn check(
    db: &impl Executor,
    key: &str,
    now: Timestamp,
) -> Result<Result<(), Timestamp>, Fault> {
    let found: Option<FailureCount> = attempts::find(db, key).await?;
    Ok(found.map_or(Ok(()), |block| block.check(now)))
}
