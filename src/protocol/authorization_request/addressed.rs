//! An authorization request that can be answered: the client is known and the redirect URI is registered.
//!
//! Spec: RFC 6749 §3.1.2.4, §4.1.2.1 (never redirect to an address that is not registered), RFC 9700 §4.1.3.

use super::{RawAuthorizationRequest, Unaddressable};
use crate::directory::{Client, PkceRule};
use crate::protocol::{
    AuthorizationResponse, EchoedValue, OAuthError, RedirectUri, ResponseMode, ReturnAddress, State,
};
use ::entity::ids::ClientKey;

/// A request whose errors may be sent to the client by redirect.
#[derive(Clone, Debug)]
pub struct AddressedAuthorizationRequest {
    raw: RawAuthorizationRequest,
    client_key: ClientKey,
    is_code_challenge_required: bool,
    return_address: ReturnAddress,
}

impl RawAuthorizationRequest {
    /// Determines the return address. `client` is the result of the lookup of [`client_id`](Self::client_id).
    pub fn address(self, client: Option<&Client>) -> Result<AddressedAuthorizationRequest, Unaddressable> {
        let client_id = self.client_id()?;
        let client = client
            .filter(|client| client.client_id == client_id && !client.is_disabled)
            .ok_or_else(|| Unaddressable::ClientUnknown { client_id: EchoedValue::new(client_id) })?;
        let return_address = ReturnAddress {
            redirect_uri: self.redirect_uri(&client.settings.redirect_uris)?,
            response_mode: self.response_mode(client),
            state: self.get("state").and_then(State::parse),
        };
        Ok(AddressedAuthorizationRequest {
            client_key: client.key,
            is_code_challenge_required: client.is_public() || client.settings.pkce == PkceRule::Required,
            return_address,
            raw: self,
        })
    }

    fn redirect_uri(&self, registered: &[String]) -> Result<RedirectUri, Unaddressable> {
        if self.is_repeated("redirect_uri") {
            return Err(Unaddressable::RedirectUriRepeated);
        }
        let requested = self.get("redirect_uri").ok_or(Unaddressable::RedirectUriMissing)?;
        RedirectUri::matching(requested, registered).ok_or_else(|| Unaddressable::RedirectUriNotRegistered {
            redirect_uri: EchoedValue::new(requested),
        })
    }

    /// Errors use the requested response mode, too; if the client may not use that mode, the query carries
    /// the error.
    fn response_mode(&self, client: &Client) -> ResponseMode {
        let requested = self.get("response_mode").and_then(ResponseMode::parse);
        requested.filter(|mode| mode.is_open_to(client)).unwrap_or_default()
    }
}

impl AddressedAuthorizationRequest {
    /// Returns the response that carries `error`.
    pub fn refuse(&self, error: &OAuthError, issuer: &str) -> AuthorizationResponse {
        self.return_address.refuse(error, issuer)
    }

    pub(super) const fn raw(&self) -> &RawAuthorizationRequest {
        &self.raw
    }

    pub(super) const fn client_key(&self) -> ClientKey {
        self.client_key
    }

    pub(super) const fn is_code_challenge_required(&self) -> bool {
        self.is_code_challenge_required
    }

    pub(super) const fn return_address(&self) -> &ReturnAddress {
        &self.return_address
    }
}
