//! Uses an approval up.

use super::status::has_active_device;
use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::{KeyProtection, Proof, push::ConsumedApproval},
    fault::Fault,
    storage::{
        Transaction,
        audit::about_challenge,
        challenges::{self, Challenge},
        people,
    },
};
use ::entity::ids::{AuthenticatorId, ClientKey, JourneyId, PersonId};

/// The sign-in that claims an approval.
pub(in crate::actions) struct Claim {
    /// The sign-in, which must be the one that sent the challenge.
    pub journey: JourneyId,
    /// The person who is signing in.
    pub person: Option<PersonId>,
    /// The client, for the audit event.
    pub client: ClientKey,
}

/// Consumes the approval of `challenge` for the sign-in that asked for it. `None` when it was consumed before
/// or has expired, is of another person, or its device is no longer active: then roll back.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn consume(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    challenge: &Challenge,
    claim: &Claim,
) -> Result<Option<Proof>, Fault> {
    people::lock(tx, challenge.person_id()).await?;
    let Some(device) = challenge.answered_by() else { return Ok(None) };
    if claim.person != Some(challenge.person_id()) || !has_active_device(tx, challenge).await? {
        return Ok(None);
    }
    let receipt = challenges::consume(tx, challenge.id(), claim.journey, context.now).await?;
    let Some(receipt) = receipt else { return Ok(None) };
    let target = about_challenge(challenge).client(claim.client);
    app.audit(tx, context, &AuditEvent::ChallengeConsumed, target).await?;
    Ok(Some(approval(challenge, device).candidate(context.now).confirm(receipt)))
}

fn approval(challenge: &Challenge, device: AuthenticatorId) -> ConsumedApproval {
    ConsumedApproval {
        person: challenge.person_id(),
        device,
        key: KeyProtection::Software,
        user_verified: challenge.user_verified(),
    }
}
