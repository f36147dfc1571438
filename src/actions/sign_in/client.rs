//! The client of a sign-in, read again at every request.

use super::{PendingAction, Purpose, SignInError};
use crate::{
    app::Tenant,
    directory::{BuiltInClient, Client},
    fault::Fault,
    protocol::{AuthorizationRequest, RedirectUri},
    storage::{Transaction, clients},
};
use std::sync::Arc;

/// Returns the tenant's client of a purpose, if it is enabled and still has the request's `redirect_uri`: a sealed
/// request may be much older than the client's current settings.
///
/// # Errors
/// [`SignInError::ClientDisabled`], [`SignInError::AddressGone`]; a fault when the database does not answer.
pub async fn client_of(tenant: &Tenant, purpose: &Purpose) -> Result<Arc<Client>, SignInError> {
    match purpose {
        Purpose::Authorize(request) => {
            let client = tenant.directory.client(request.client_key).await?;
            checked(client.ok_or(SignInError::ClientDisabled)?, request)
        }
        Purpose::Account { .. } | Purpose::Confirm(_) => built_in(tenant, purpose).await,
    }
}

/// Does the same inside the transaction that acts, and reads the client from the database.
///
/// # Errors
/// Those of [`client_of`].
pub(super) async fn client_in(
    tenant: &Tenant,
    tx: &Transaction,
    purpose: &Purpose,
) -> Result<Arc<Client>, SignInError> {
    match purpose {
        Purpose::Authorize(request) => {
            let client = clients::find_own(tx, tenant.workspace.id, request.client_key).await?;
            checked(Arc::new(client.ok_or(SignInError::ClientDisabled)?), request)
        }
        Purpose::Account { .. } | Purpose::Confirm(_) => built_in(tenant, purpose).await,
    }
}

fn checked(client: Arc<Client>, request: &AuthorizationRequest) -> Result<Arc<Client>, SignInError> {
    if client.is_disabled {
        return Err(SignInError::ClientDisabled);
    }
    let redirect_uri = request.return_address.redirect_uri.as_str();
    if RedirectUri::matching(redirect_uri, &client.settings.redirect_uris).is_none() {
        return Err(SignInError::AddressGone);
    }
    Ok(client)
}

async fn built_in(tenant: &Tenant, purpose: &Purpose) -> Result<Arc<Client>, SignInError> {
    let action = match purpose {
        Purpose::Confirm(PendingAction::AddDevice { .. }) => " (add a phone)",
        Purpose::Authorize(_) | Purpose::Account { .. } => "",
    };
    Ok(Arc::new(account(tenant, action).await?))
}

/// Returns the built-in client of people's accounts: every pool of the workspace may sign in to it, by the
/// policy of the pool. `action` tells the person what they confirm, and begins with a space.
async fn account(tenant: &Tenant, action: &str) -> Result<Client, Fault> {
    let workspace = &tenant.workspace;
    let pools = tenant.directory.pool_ids().await?;
    let name = format!("{} account{action}", workspace.display_name);
    Ok(BuiltInClient::Account.client(workspace.id, name, pools.to_vec()))
}
