//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), in three types: `raw` as
//! received; `addressed` with a known client and a registered redirect URI, so that errors may be redirected;
//! `checked` with every rule satisfied. Each rule is one file and returns the typed value that it allows.
//! Never guesses a redirect URI and never repairs a parameter.

mod addressed;
mod check_acr_values;
mod check_claims;
mod check_code_challenge;
mod check_hints;
mod check_max_age;
mod check_nonce;
mod check_prompt;
mod check_request_object;
mod check_response_mode;
mod check_response_type;
mod check_scope;
mod check_state;
mod checked;
mod raw;
#[cfg(test)]
mod tests;
mod unaddressable;

pub use addressed::AddressedAuthorizationRequest;
pub use checked::AuthorizationRequest;
pub use raw::RawAuthorizationRequest;
pub use unaddressable::Unaddressable;

use super::{Display, LanguageTag, OAuthError};

impl AddressedAuthorizationRequest {
    /// Runs every rule; the order of the list decides which error is reported.
    pub fn check(&self) -> Result<AuthorizationRequest, OAuthError> {
        let raw = self.raw();
        // Request objects first: parameters inside them, even `response_type` and `state`, are missing
        // outside.
        check_request_object::check(raw)?;
        raw.refuse_repeated()?;
        check_state::check(raw)?;
        check_response_mode::check(raw, self.return_address().response_mode)?;
        check_response_type::check(raw)?;
        Ok(AuthorizationRequest {
            client_key: self.client_key(),
            return_address: self.return_address().clone(),
            scopes: check_scope::check(raw)?,
            code_challenge: check_code_challenge::check(raw, self.is_code_challenge_required())?,
            nonce: check_nonce::check(raw)?,
            prompt: check_prompt::check(raw)?,
            max_age: check_max_age::check(raw)?,
            acr_values: check_acr_values::check(raw)?,
            claims: check_claims::check(raw)?,
            login_hint: check_hints::check_login_hint(raw)?,
            id_token_hint: check_hints::check_id_token_hint(raw)?,
            display: raw.get("display").and_then(Display::parse),
            ui_locales: raw.get("ui_locales").map(LanguageTag::parse_list).unwrap_or_default(),
            claims_locales: raw.get("claims_locales").map(LanguageTag::parse_list).unwrap_or_default(),
        })
    }
}
