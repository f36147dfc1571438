//! Reads and adds workspaces, and changes their display name.

use super::{Action, ActionError, Conflict, FieldProblem, Right};
use crate::{
    app::{App, FIRST_POOL, RequestContext},
    audit::{AuditEvent, Changes, about},
    directory::{Pool, PoolPolicy, Workspace, check_text, is_slug},
    fault::Fault,
    storage::{pools, workspaces},
};
use ::entity::ids::{PoolId, WorkspaceId};

/// Lists every workspace, by slug.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<Workspace>, Fault> {
    workspaces::list(&app.storage).await
}

/// A workspace to be added, with values as they were typed.
#[derive(Clone, Copy, Debug)]
pub struct NewWorkspace<'a> {
    /// Its short name in addresses.
    pub slug: &'a str,
    /// Its display name.
    pub display_name: &'a str,
    /// The display name of its first pool.
    pub pool_name: &'a str,
}

impl NewWorkspace<'_> {
    fn problems(&self) -> Vec<FieldProblem> {
        let expected =
            "a lower-case letter is expected, then at most 62 lower-case letters, digits and hyphens";
        let slug = (!is_slug(self.slug)).then(|| FieldProblem {
            field: "slug",
            sentence: format!("“{}” cannot be part of an address: {expected}", self.slug),
        });
        let names = [("display_name", self.display_name), ("pool_name", self.pool_name)];
        let names = names.into_iter().filter_map(|(field, name)| name_problem(field, name));
        slug.into_iter().chain(names).collect()
    }
}

/// Adds a workspace with its first pool. Its keys are made when they are first needed.
///
/// # Errors
/// [`ActionError::Invalid`] with the problem of each field; [`Conflict::SlugTaken`]; a fault when the database does not
/// answer.
pub async fn add(
    app: &App,
    context: &RequestContext,
    new: &NewWorkspace<'_>,
) -> Result<Workspace, ActionError> {
    let problems = new.problems();
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    let action = Action::begin(app, context, Right::Host).await?;
    let (now, entropy) = (context.now, app.entropy.as_ref());
    let workspace = Workspace {
        id: WorkspaceId(entropy.id(now)),
        slug: new.slug.to_owned(),
        display_name: new.display_name.trim().to_owned(),
    };
    if !workspaces::add_workspace(&action.tx, &workspace, now).await? {
        return Err(ActionError::Conflict(Conflict::SlugTaken(workspace.slug)));
    }
    let pool = Pool {
        id: PoolId(entropy.id(now)),
        workspace_id: workspace.id,
        slug: FIRST_POOL.to_owned(),
        display_name: new.pool_name.trim().to_owned(),
        policy: PoolPolicy::default(),
    };
    pools::insert_pool(&action.tx, &pool, now).await?;
    let event = AuditEvent::WorkspaceAdded { slug: workspace.slug.clone() };
    action.audit(&event, about(workspace.id).of_workspace(workspace.id)).await?;
    action.commit().await?;
    Ok(workspace)
}

/// Checks a name that people see.
fn name_problem(field: &'static str, name: &str) -> Option<FieldProblem> {
    let problem = check_text(name.trim()).err().map(|problem| problem.to_string());
    let problem = problem.or_else(|| name.trim().is_empty().then(|| "a name is expected".to_owned()));
    problem.map(|sentence| FieldProblem { field, sentence })
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
    if let Some(problem) = name_problem("display_name", name) {
        return Err(ActionError::Invalid(vec![problem]));
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
