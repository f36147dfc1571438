//! `countersign workspace …`.

use super::{CommandError, opened::Opened, opened::usage, print_part, print_result};
use crate::{
    actions::workspaces,
    app::DEFAULT_WORKSPACE,
    cli::{ListOptions, WorkspaceCommand, WorkspaceSet, WorkspaceShow},
    directory::Workspace,
};
use serde_json::{Value, json};
use std::pin::Pin;

/// Starts a command.
pub fn run(command: WorkspaceCommand) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        WorkspaceCommand::List(options) => Box::pin(list(options)),
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

async fn show(options: WorkspaceShow) -> Result<(), CommandError> {
    let opened = Opened::open(&options.common, &options.workspace).await?;
    let workspace = &opened.context.tenant.workspace;
    let issuer = opened.context.tenant.issuer();
    print_result(&if options.json {
        let mut result = json_of(workspace);
        if let Some(members) = result.as_object_mut() {
            members.insert("issuer".to_owned(), issuer.into());
        }
        result.to_string()
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

fn json_of(workspace: &Workspace) -> Value {
    json!({ "workspace": workspace.slug, "id": workspace.id, "display_name": workspace.display_name })
}
