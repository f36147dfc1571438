//! What a device's transport learns from a delivery.

use crate::{
    actions::Action,
    fault::Fault,
    outbox::Finished,
    storage::{
        outbox::{self, Ended},
        transports,
    },
};
use ::entity::ids::AuthenticatorId;

/// Records the outcome at the transport that was used. After the last message to a device that was removed its
/// transport is deleted.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn after_delivery(
    action: &Action<'_>,
    device: AuthenticatorId,
    finished: &Finished,
    ended: Ended,
) -> Result<(), Fault> {
    let (tx, error) = (&action.tx, finished.error.as_deref());
    if let Some((ctr, learned)) = finished.transport {
        transports::note(tx, (device, ctr), learned, error, finished.at).await?;
    }
    // A device that was removed receives no challenge.
    if !ended.has_challenge && !outbox::is_awaited(tx, device).await? {
        transports::delete_of_revoked(tx, device).await?;
    }
    Ok(())
}
