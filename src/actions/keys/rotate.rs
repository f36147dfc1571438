//! Creates new keys beside the present ones.

use super::{Key, Purpose, list_of};
use crate::{
    actions::{Action, ActionError, Conflict, Right},
    app::{App, RequestContext, hold_keys, new_key},
    audit::{AuditEvent, about},
    directory::SigningAlgorithm,
    fault::Fault,
    limits::lifetimes::KEY_PUBLISHED_BEFORE_USE_SECONDS,
    storage::signing_keys::{self, SigningKeyRow},
};

/// Creates a key of each of these algorithms, or of all that the purpose has, and returns them. A signing key is
/// published at once and signs when every cached key set has expired; a key for push messages is used at once.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the host; [`Conflict::AlgorithmOfOtherPurpose`]; a fault when the
/// database does not answer.
pub async fn rotate(
    app: &App,
    context: &RequestContext,
    purpose: Purpose,
    algorithm: Option<SigningAlgorithm>,
) -> Result<Vec<Key>, ActionError> {
    let known = purpose.algorithms();
    if algorithm.is_some_and(|algorithm| !known.contains(&algorithm)) {
        return Err(ActionError::Conflict(Conflict::AlgorithmOfOtherPurpose));
    }
    Right::Host.check(context.actor)?;
    let (workspace, now) = (context.tenant.workspace.id, context.now);
    let signs_from = match purpose {
        Purpose::IdToken => now.plus_seconds(KEY_PUBLISHED_BEFORE_USE_SECONDS),
        Purpose::Push => now,
    };
    let wanted = known.into_iter().filter(|known| algorithm.is_none_or(|algorithm| algorithm == *known));
    // Before the transaction, because a key of RSA takes a while.
    let made: Result<Vec<SigningKeyRow>, Fault> = wanted
        .map(|algorithm| new_key(&app.sealing, (workspace, purpose.stored()), algorithm, (now, signs_from)))
        .collect();
    let made = made?;
    let action = Action::begin(app, context, Right::Host).await?;
    hold_keys(&action.tx, now).await?;
    let mut kids = Vec::new();
    for row in made {
        let event = AuditEvent::KeyRotated {
            kid: row.kid.clone(),
            purpose: purpose.as_str(),
            algorithm: row.algorithm.clone(),
            from: signs_from.unix_seconds(),
        };
        kids.push(row.kid.clone());
        signing_keys::insert_key(&action.tx, row).await?;
        action.audit(&event, about(workspace)).await?;
    }
    let keys = list_of(&action.tx, workspace, purpose, now).await?;
    action.commit().await?;
    Ok(keys.into_iter().filter(|key| kids.contains(&key.kid)).collect())
}
