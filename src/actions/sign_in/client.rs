//! The client of a sign-in, read again at every request.

use super::{Purpose, SignInError};
use crate::{app::App, directory::Client, protocol::RedirectUri};
use std::sync::Arc;

/// Returns the client of a purpose, if it is enabled and still has the request's `redirect_uri`: a sealed
/// request may be much older than the client's current settings.
///
/// # Errors
/// [`SignInError::ClientDisabled`], [`SignInError::AddressGone`]; a fault when the database does not answer.
pub async fn client_of(app: &App, purpose: &Purpose) -> Result<Arc<Client>, SignInError> {
    let Purpose::Authorize(request) = purpose;
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
