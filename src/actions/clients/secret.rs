//! Replaces the secret of a client.

use super::{
    ending::{Ending, end_grants},
    lock::lock,
};
use crate::{
    actions::{Action, ActionError, Conflict, Right},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    digest::sha256,
    directory::PreviousSecret,
    storage::clients,
};
use ::entity::ids::ClientKey;

/// What becomes of the secret before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It is accepted for so many seconds more; 0 ends it at once.
    Overlap {
        /// The seconds.
        seconds: u32,
    },
    /// Others know it: it ends at once, and so do all tokens of the client.
    Compromised,
}

/// Gives a client another secret and returns it; it is never shown again. Ends no token, unless the secret before is
/// compromised.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such client; [`Conflict::NoSecret`] for a public one; a fault when the
/// database does not answer.
pub async fn rotate_secret(
    app: &App,
    context: &RequestContext,
    client: ClientKey,
    rotation: Rotation,
) -> Result<String, ActionError> {
    let secret = app.entropy.secret();
    let action = Action::begin(app, context, Right::Host).await?;
    let before = lock(&action, client).await?;
    let hash = before.secret_hash.ok_or(ActionError::Conflict(Conflict::NoSecret))?;
    let overlap_seconds = match rotation {
        Rotation::Overlap { seconds } => i64::from(seconds),
        Rotation::Compromised => 0,
    };
    let until = context.now.plus_seconds(overlap_seconds);
    let previous = (overlap_seconds > 0).then_some(PreviousSecret { hash, until });
    clients::save_secret(&action.tx, client, &sha256(&secret), previous).await?;
    let compromised = rotation == Rotation::Compromised;
    action.audit(&AuditEvent::ClientSecretRotated { overlap_seconds, compromised }, about(client)).await?;
    action.commit().await?;
    if compromised {
        end_grants(app, context, client, Ending::All).await?;
    }
    Ok(secret)
}
