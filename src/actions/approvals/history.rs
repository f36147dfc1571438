//! Derives from a person's recent answers whether push is muted.

use crate::{
    clock::Timestamp,
    fault::Fault,
    limits::push::{HISTORY_SECONDS, mute_after_denial},
    storage::{Transaction, challenges},
};
use ::entity::ids::PersonId;

/// Returns the end of the mute after this denial; `None` when push is not muted.
pub async fn muted_until(
    tx: &Transaction,
    person: PersonId,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let recent = challenges::list_since(tx, person, now.plus_seconds(-HISTORY_SECONDS)).await?;
    let sent: Vec<_> = recent.iter().map(|challenge| challenge.sent_at(now)).collect();
    Ok(mute_after_denial(&sent))
}
