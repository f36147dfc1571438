//! Reads pools, and changes their display name and policy.

use super::{Action, ActionError, FieldProblem, Right};
use crate::{
    app::{App, RequestContext, Tenant},
    audit::{AuditEvent, Changes, about},
    directory::{Pool, PoolPolicy, check_text},
    fault::Fault,
    storage::pools,
};
use ::entity::ids::PoolId;

/// Finds the tenant's pool with this slug.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, tenant: &Tenant, slug: &str) -> Result<Option<Pool>, Fault> {
    pools::find_by_slug(&app.storage, tenant.workspace.id, slug).await
}

/// Lists the tenant's pools, by slug.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, tenant: &Tenant) -> Result<Vec<Pool>, Fault> {
    pools::list(&app.storage, tenant.workspace.id).await
}

/// Changes a pool by `edit`, and returns it with the names of the fields that differ. Without a difference nothing is
/// written.
///
/// # Errors
/// [`ActionError::Invalid`] for a value out of its range; [`ActionError::NotFound`] for a pool of another tenant; a fault
/// when the database does not answer.
pub async fn change(
    app: &App,
    context: &RequestContext,
    pool: PoolId,
    edit: impl FnOnce(&mut Pool),
) -> Result<(Pool, Vec<String>), ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    let before = pools::lock(&action.tx, pool).await?;
    if before.workspace_id != context.tenant.workspace.id {
        return Err(ActionError::NotFound);
    }
    let mut after = before.clone();
    edit(&mut after);
    check(&after)?;
    let changes = changes(&before, &after);
    if changes.is_empty() {
        return Ok((after, Vec::new()));
    }
    let fields = changes.fields();
    pools::save(&action.tx, &after).await?;
    action.audit(&AuditEvent::PoolChanged { changes }, about(pool)).await?;
    action.commit().await?;
    Ok((after, fields))
}

fn check(pool: &Pool) -> Result<(), ActionError> {
    let name = check_text(&pool.display_name).err().map(|problem| problem.to_string());
    let name = name.or_else(|| pool.display_name.trim().is_empty().then(|| "a name is expected".to_owned()));
    let push = pool.policy.push.check().err().map(|problem| problem.to_string());
    let problem = |field, sentence| FieldProblem { field, sentence };
    let problems = [name.map(|text| problem("display_name", text)), push.map(|text| problem("policy", text))];
    let problems: Vec<_> = problems.into_iter().flatten().collect();
    if problems.is_empty() { Ok(()) } else { Err(ActionError::Invalid(problems)) }
}

fn changes(before: &Pool, after: &Pool) -> Changes {
    let mut changes = Changes::default();
    changes.note("display_name", &before.display_name, &after.display_name);
    let (PoolPolicy { push: old, .. }, PoolPolicy { push: new, .. }) = (&before.policy, &after.policy);
    changes.note("first_device", &before.policy.first_device, &after.policy.first_device);
    changes.note("second_factor", &before.policy.second_factor, &after.policy.second_factor);
    changes.note("first_factors", &before.policy.first_factors, &after.policy.first_factors);
    changes.note("second_factors", &before.policy.second_factors, &after.policy.second_factors);
    changes.note("preferred", &before.policy.preferred, &after.policy.preferred);
    changes.note("push", old, new);
    changes
}
