//! `countersign client list`.

use super::show::json_of;
use crate::{
    actions::{clients, pools},
    cli::ClientList,
    directory::Client,
    operator::{CommandError, lists::print_pages, opened::Opened},
};

/// Lists the applications, by client id.
///
/// # Errors
/// When the settings of one cannot be read, or the database cannot be used.
pub(super) async fn list(options: ClientList) -> Result<(), CommandError> {
    let opened = Opened::open(&options.common, &options.workspace).await?;
    let pools = pools::list(&opened.app, &opened.context.tenant).await?;
    let read = async |last: Option<&Client>, limit: u64| {
        let after = last.map(|last| last.client_id.as_str()).or(options.after.as_deref()).unwrap_or_default();
        Ok(clients::list_page(&opened.app, &opened.context.tenant, after, limit).await?)
    };
    print_pages(options.limit, read, |client| match options.json {
        true => json_of(client, &pools).to_string(),
        false => line(client),
    })
    .await
}

fn line(client: &Client) -> String {
    let state = if client.is_disabled { "disabled" } else { "active" };
    let kind = if client.is_public() { "public" } else { "confidential" };
    format!("{:<40}  {state:<8}  {kind:<12}  {}", client.client_id, client.name)
}
