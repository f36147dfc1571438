//! What a person's answers so far mean for the next push.

use crate::{
    clock::Timestamp,
    limits::push::{HISTORY_SECONDS, mute_after_denial},
    storage::{Fault, Transaction, challenges},
};
use ::entity::ids::PersonId;

/// Until when push is muted now that the person has denied once more.
pub async fn muted_until(
    tx: &Transaction,
    person: PersonId,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let recent = challenges::list_since(tx, person, now.plus_seconds(-HISTORY_SECONDS)).await?;
    let sent: Vec<_> = recent.iter().map(|challenge| challenges::sent(challenge, now)).collect();
    Ok(mute_after_denial(&sent))
}
