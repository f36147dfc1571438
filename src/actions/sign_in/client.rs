//! The client of a sign-in, read again at every request.

use super::{PendingAction, Purpose, SignInError};
use crate::{
    app::App,
    directory::{BuiltInClient, Client},
    fault::Fault,
    protocol::RedirectUri,
};
use std::sync::Arc;

/// Returns the client of a purpose, if it is enabled and still has the request's `redirect_uri`: a sealed
/// request may be much older than the client's current settings.
///
/// # Errors
/// [`SignInError::ClientDisabled`], [`SignInError::AddressGone`]; a fault when the database does not answer.
pub async fn client_of(app: &App, purpose: &Purpose) -> Result<Arc<Client>, SignInError> {
    let request = match purpose {
        Purpose::Authorize(request) => request,
        Purpose::Account { .. } => return Ok(Arc::new(account(app, "").await?)),
        Purpose::Confirm(PendingAction::AddDevice { .. }) => {
            return Ok(Arc::new(account(app, " (add a phone)").await?));
        }
    };
    let client = app.directory.client(request.client_key).await?;
    if client.is_disabled {
        return Err(SignInError::ClientDisabled);
    }
    let redirect_uri = request.return_address.redirect_uri.as_str();
    if RedirectUri::matching(redirect_uri, &client.settings.redirect_uris).is_none() {
        return Err(SignInError::AddressGone);
    }
    Ok(client)
}

/// Returns the built-in client of people's accounts: every pool of the workspace may sign in to it, by the
/// policy of the pool. `action` tells the person what they confirm, and begins with a space.
async fn account(app: &App, action: &str) -> Result<Client, Fault> {
    let workspace = app.directory.workspace().await?;
    let pools = app.directory.pool_ids().await?;
    let name = format!("{} account{action}", workspace.display_name);
    Ok(BuiltInClient::Account.client(workspace.id, name, pools.to_vec()))
}
