//! Ends the sign-in in which a person has confirmed one action. The action is done: closing the sign-in, by one
//! guarded statement in the same transaction, uses the confirmation up.

use crate::{
    actions::sign_in::{PendingAction, completion::Exit, submission::Submission},
    audit::AuditEvent,
    fault::Fault,
    http::urls::Path,
    storage::enrollments,
};

/// Records the confirmed action and what it changed.
pub(super) async fn succeed(submission: &Submission<'_>, action: PendingAction) -> Result<Exit, Fault> {
    let sign_in = &submission.sign_in;
    let device = match action {
        PendingAction::AddDevice { .. } => {
            let enrollment = enrollments::find_of_journey(submission.tx(), sign_in.id()).await?;
            enrollment.and_then(|enrollment| enrollment.authenticator_id())
        }
    };
    let event = AuditEvent::ActionConfirmed { action: action.as_str() };
    submission.audit(&event, sign_in.about().device(device)).await?;
    Ok(Exit::GoTo(Path::Home))
}
