//! What the specs promise, one file for each.

mod authenticator_protocol;
mod oidc_discovery;
mod rfc6749_authorization_code;
mod rfc6749_client_authentication;
mod rfc6749_refresh_token;
mod rfc6750_userinfo;
mod rfc7009_revocation;
mod rfc7636_pkce;
mod rfc7662_introspection;
mod rfc8030_web_push;
