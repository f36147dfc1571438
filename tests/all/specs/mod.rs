//! Tests of the specifications, one file for each.

mod authenticator_protocol;
mod oauth_form_post;
mod oauth_multiple_response_types;
mod oidc_core_claims_parameter;
mod oidc_core_hints;
mod oidc_core_max_age;
mod oidc_core_prompt;
mod oidc_discovery;
mod oidc_rp_initiated_logout;
mod password;
mod password_rehash;
mod rfc6749_authorization_code;
mod rfc6749_authorization_endpoint;
mod rfc6749_client_authentication;
mod rfc6749_refresh_token;
mod rfc6750_userinfo;
mod rfc7009_revocation;
mod rfc7636_pkce;
mod rfc7662_introspection;
mod rfc8030_web_push;
mod rfc9207_iss;
mod rfc9470_step_up;
mod sessions_and_cookies;
mod sign_in_facts;
mod sign_in_walks;
mod totp;
