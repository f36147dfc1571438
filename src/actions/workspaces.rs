//! Reads workspaces, and changes their display name.

use super::{Action, ActionError, FieldProblem, Right};
use crate::{
    app::{App, RequestContext},
    audit::{AuditEvent, Changes, about},
    directory::{Workspace, check_text},
    fault::Fault,
    storage::workspaces,
};

/// Lists every workspace, by slug.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<Workspace>, Fault> {
    workspaces::list(&app.storage).await
}

/// Changes the display name of the tenant's workspace, and returns the workspace with the names of the fields that
/// differ. Without a difference nothing is written.
///
/// # Errors
/// [`ActionError::Invalid`] for a name that cannot be shown; a fault when the database does not answer.
pub async fn rename(
    app: &App,
    context: &RequestContext,
    display_name: &str,
) -> Result<(Workspace, Vec<String>), ActionError> {
    let name = display_name.trim();
    let problem = check_text(name).err().map(|problem| problem.to_string());
    let problem = problem.or_else(|| name.is_empty().then(|| "a name is expected".to_owned()));
    if let Some(sentence) = problem {
        return Err(ActionError::Invalid(vec![FieldProblem { field: "display_name", sentence }]));
    }
    let action = Action::begin(app, context, Right::Host).await?;
    let before = workspaces::lock(&action.tx, context.tenant.workspace.id).await?;
    let after = Workspace { display_name: name.to_owned(), ..before.clone() };
    let mut changes = Changes::default();
    changes.note("display_name", &before.display_name, &after.display_name);
    if changes.is_empty() {
        return Ok((after, Vec::new()));
    }
    let fields = changes.fields();
    workspaces::save_display_name(&action.tx, after.id, &after.display_name).await?;
    action.audit(&AuditEvent::WorkspaceChanged { changes }, about(after.id)).await?;
    action.commit().await?;
    Ok((after, fields))
}
