//! Ends the grants of a client, with their codes and tokens.

use crate::{
    actions::{Action, ActionError, Right, slices::pause},
    app::{App, RequestContext},
    storage::grants,
};
use ::entity::ids::ClientKey;

/// Grants that one transaction revokes at most.
const GRANTS_AT_ONCE: u64 = 100;

/// The grants to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of the client's.
    All,
    /// Those of people whose pool the client does not admit.
    OfOthers,
}

/// Revokes grants of a client in slices, each in a transaction of its own. A disabled client, and one that does not admit
/// a person's pool, is refused at every use meanwhile.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the host; a fault when the database does not answer: finished slices
/// stay committed.
pub(super) async fn end_grants(
    app: &App,
    context: &RequestContext,
    client: ClientKey,
    ending: Ending,
) -> Result<(), ActionError> {
    let mut after = None;
    loop {
        let page = grants::list_live_of_client(&app.storage, client, after, GRANTS_AT_ONCE).await?;
        let Some(last) = page.last().copied() else { return Ok(()) };
        let is_full = page.len() as u64 == GRANTS_AT_ONCE;
        let action = Action::begin(app, context, Right::Host).await?;
        grants::revoke_some(&action.tx, page, client, ending == Ending::OfOthers, context.now).await?;
        action.commit().await?;
        if !is_full {
            return Ok(());
        }
        after = Some(last);
        pause(app).await;
    }
}
