//! `countersign workspace …`.

use super::{CommandError, opened::Opened, opened::usage, print_part, print_result};
use crate::{
    actions::workspaces::{self, NewWorkspace},
    app::{DEFAULT_WORKSPACE, FIRST_POOL},
    cli::{ListOptions, WorkspaceAdd, WorkspaceCommand, WorkspaceSet, WorkspaceShow},
    directory::Workspace,
};
use serde_json::{Value, json};
use std::pin::Pin;

/// Starts a command.
pub fn run(command: WorkspaceCommand) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        WorkspaceCommand::List(options) => Box::pin(list(options)),
        WorkspaceCommand::Add(options) => Box::pin(add(options)),
        WorkspaceCommand::Show(options) => Box::pin(show(options)),
        WorkspaceCommand::Set(options) => Box::pin(set(options)),
    }
}

async fn list(options: ListOptions) -> Result<(), CommandError> {
    let opened = Opened::open(&options.common, DEFAULT_WORKSPACE).await?;
    for workspace in workspaces::list(&opened.app).await? {
        let line = match options.json {
            true => json_of(&workspace).to_string(),
            false => format!("{:<24}  {}", workspace.slug, workspace.display_name),
        };
        if !print_part(&format!("{line}\n")) {
            break;
        }
    }
    Ok(())
}

async fn add(options: WorkspaceAdd) -> Result<(), CommandError> {
    let opened = Opened::open(&options.common, DEFAULT_WORKSPACE).await?;
    let display_name = options.display_name.as_deref().unwrap_or(&options.slug);
    let new = NewWorkspace { slug: &options.slug, display_name, pool_name: &options.pool_name };
    let workspace = workspaces::add(&opened.app, &opened.context, &new).await?;
    let tenant = opened.app.directory.with_id(workspace.id).await?;
    // A push subscription works only with the key that it was made with, so the keys are there before the first request.
    tenant.keys().await?;
    print_result(&if options.json {
        with_issuer(&workspace, tenant.issuer()).to_string()
    } else {
        let (slug, issuer) = (&workspace.slug, tenant.issuer());
        format!(
            "The workspace {slug} was added with the pool {FIRST_POOL}.\n\nIssuer  {issuer}\n\nNext: person add \
             USERNAME --workspace {slug}, and client add --workspace {slug}."
        )
    });
    Ok(())
}

async fn show(options: WorkspaceShow) -> Result<(), CommandError> {
    let opened = Opened::open(&options.common, &options.workspace).await?;
    let workspace = &opened.context.tenant.workspace;
    let issuer = opened.context.tenant.issuer();
    print_result(&if options.json {
        with_issuer(workspace, issuer).to_string()
    } else {
        let (slug, name) = (&workspace.slug, &workspace.display_name);
        format!("Workspace     {slug}\nDisplay name  {name}\nIssuer        {issuer}")
    });
    Ok(())
}

async fn set(options: WorkspaceSet) -> Result<(), CommandError> {
    let Some(name) = &options.display_name else {
        return Err(usage("nothing to set: name a setting, such as --display-name"));
    };
    let opened = Opened::open(&options.show.common, &options.show.workspace).await?;
    let (workspace, fields) = workspaces::rename(&opened.app, &opened.context, name).await?;
    print_result(&if options.show.json {
        json!({ "workspace": workspace.slug, "changed": fields }).to_string()
    } else if fields.is_empty() {
        format!("Nothing has changed at the workspace {}.", workspace.slug)
    } else {
        format!("Changed at the workspace {}: {}.", workspace.slug, fields.join(", "))
    });
    Ok(())
}

fn with_issuer(workspace: &Workspace, issuer: &str) -> Value {
    let mut result = json_of(workspace);
    if let Some(members) = result.as_object_mut() {
        members.insert("issuer".to_owned(), issuer.into());
    }
    result
}

fn json_of(workspace: &Workspace) -> Value {
    json!({ "workspace": workspace.slug, "id": workspace.id, "display_name": workspace.display_name })
}
