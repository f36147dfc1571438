//! The specifications as values: requests, responses, rules and errors.
//! Never reads a clock, randomness, a database or the network.
//! Spec: RFC 6749, 6750, 7009, 7636, 7662, 8414, 9207; OpenID Connect Core, Discovery, RP-Initiated Logout.
//! Called by: `journey`, `storage` and the interfaces.

/// Authentication context classes.
pub mod acr;
/// Authentication methods (RFC 8176).
pub mod amr;

mod access_token;
mod acr_value;
mod authorization_code;
mod authorization_request;
mod authorization_response;
mod bearer;
mod checked_text;
mod claim_names;
mod claims;
mod claims_parameter;
mod client_authentication;
mod client_registration;
mod display;
mod echoed_value;
mod end_session;
mod error;
mod error_code;
mod form;
mod id_token;
mod id_token_hint;
mod introspection;
mod language_tag;
mod login_hint;
mod max_age;
mod metadata;
mod nonce;
mod opaque_token;
mod parameters;
mod pkce;
mod presented_token;
mod prompt;
mod reason;
mod redirect_uri;
#[cfg(test)]
mod redirect_uri_corpus;
mod refresh_token;
mod registrable_uri;
mod response_type;
mod return_address;
#[cfg(test)]
mod samples;
mod scope;
mod state;
mod token_request;

pub use access_token::{AccessToken, AccessTokenHash};
pub use acr_value::AcrValue;
pub use authorization_code::{
    AuthorizationCode, AuthorizationCodeHash, AuthorizationCodeRecord, AuthorizationCodeRequest,
    check_redemption,
};
pub use authorization_request::{
    AddressedAuthorizationRequest, AuthorizationRequest, RawAuthorizationRequest, Unaddressable,
};
pub use authorization_response::{AuthorizationResponse, ResponseMode};
pub use bearer::{bearer_challenge, bearer_token};
pub use checked_text::MalformedText;
pub use claims::{id_token_claims, userinfo_claims};
pub use claims_parameter::{ClaimRequest, ClaimsAcr, ClaimsParameter};
pub use client_authentication::{
    ClientAuthenticationMethod, PresentedClient, basic_challenge, require_confidential,
};
pub use client_registration::{ClientProblem, client_problems};
pub use display::Display;
pub use echoed_value::EchoedValue;
pub use end_session::{Confirmation, EndSessionProblem, EndSessionRequest, LogoutReturn};
pub use error::OAuthError;
pub use error_code::ErrorCode;
pub use form::{MalformedForm, form_pairs};
pub use id_token::{IdTokenInput, id_token};
pub use id_token_hint::{IdTokenHint, UnverifiedIdTokenHint};
pub use introspection::{ActiveToken, introspection_response};
pub use language_tag::LanguageTag;
pub use login_hint::LoginHint;
pub use max_age::MaxAge;
pub use metadata::{MetadataInput, metadata};
pub use nonce::Nonce;
pub use parameters::Parameters;
pub use pkce::{CodeChallenge, CodeChallengeMethod, CodeVerifier};
pub use presented_token::PresentedToken;
pub use prompt::{Prompt, PromptProblem, PromptSet};
pub use reason::OAuthReason;
pub use redirect_uri::RedirectUri;
pub use refresh_token::{
    RefreshToken, RefreshTokenHash, RefreshTokenRecord, RefreshTokenRequest, check_refresh,
    is_refresh_token_owed,
};
pub use registrable_uri::{RedirectUriProblem, check_registrable};
pub use response_type::ResponseType;
pub use return_address::ReturnAddress;
pub use scope::{Scope, ScopeProblem, ScopeSet};
pub use state::State;
pub use token_request::{GrantType, TokenRequest};
