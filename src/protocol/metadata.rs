//! The discovery document (OpenID Connect Discovery §3, RFC 8414 §2).

use super::{
    ClientAuthenticationMethod, CodeChallengeMethod, GrantType, Prompt, ResponseMode, ResponseType, Scope,
    claim_names::CLAIMS, id_token::PROTOCOL_CLAIMS,
};
use crate::directory::SigningAlgorithm;
use serde_json::{Value, json};

/// The values that depend on the deployment: addresses, and what sign-ins can do.
#[derive(Clone, Copy, Debug)]
pub struct MetadataInput<'a> {
    /// The issuer, exactly as in tokens.
    pub issuer: &'a str,
    /// The endpoint that starts sign-ins.
    pub authorization_endpoint: &'a str,
    /// The endpoint that redeems codes and refresh tokens.
    pub token_endpoint: &'a str,
    /// The endpoint that returns claims.
    pub userinfo_endpoint: &'a str,
    /// The address of the public keys.
    pub jwks_uri: &'a str,
    /// The endpoint that reports the state of a token.
    pub introspection_endpoint: &'a str,
    /// The endpoint that revokes tokens.
    pub revocation_endpoint: &'a str,
    /// The endpoint that starts sign-outs.
    pub end_session_endpoint: &'a str,
    /// The `acr` values that a sign-in can reach.
    pub acr_values: &'a [&'a str],
    /// The languages of the pages.
    pub ui_locales: &'a [&'a str],
    /// The address of the documentation for developers.
    pub service_documentation: Option<&'a str>,
}

/// Builds the discovery document, with its members in alphabetical order.
pub fn metadata(input: &MetadataInput<'_>) -> Value {
    let mut document = json!({
        "issuer": input.issuer,
        "authorization_endpoint": input.authorization_endpoint,
        "token_endpoint": input.token_endpoint,
        "userinfo_endpoint": input.userinfo_endpoint,
        "jwks_uri": input.jwks_uri,
        "introspection_endpoint": input.introspection_endpoint,
        "revocation_endpoint": input.revocation_endpoint,
        "end_session_endpoint": input.end_session_endpoint,
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        "claims_supported": claims_supported(),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "response_types_supported": ResponseType::ALL.map(ResponseType::as_str),
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::as_str),
        "grant_types_supported": GrantType::ALL.map(GrantType::as_str),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": SigningAlgorithm::ALL.map(SigningAlgorithm::as_str),
        "token_endpoint_auth_methods_supported": ClientAuthenticationMethod::ALL.map(ClientAuthenticationMethod::as_str),
        "introspection_endpoint_auth_methods_supported":
            ClientAuthenticationMethod::CONFIDENTIAL.map(ClientAuthenticationMethod::as_str),
        "revocation_endpoint_auth_methods_supported": ClientAuthenticationMethod::ALL.map(ClientAuthenticationMethod::as_str),
        "code_challenge_methods_supported": CodeChallengeMethod::ALL.map(CodeChallengeMethod::as_str),
        "prompt_values_supported": Prompt::ALL.map(Prompt::as_str),
        "display_values_supported": ["page"],
        "acr_values_supported": input.acr_values,
        "ui_locales_supported": input.ui_locales,
        "authorization_response_iss_parameter_supported": true,
        // The first defaults to false, the second to true (Discovery §3), so both are stated.
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        // Request objects are refused. Conformance tests read this list before they send an unsigned one:
        // `none` is not in it.
        "request_object_signing_alg_values_supported": ["RS256"],
    });
    if let (Some(members), Some(documentation)) = (document.as_object_mut(), input.service_documentation) {
        members.insert("service_documentation".to_owned(), documentation.into());
    }
    document
}

/// Returns the claims of the protocol, then the claims about the person.
fn claims_supported() -> Vec<&'static str> {
    PROTOCOL_CLAIMS.into_iter().chain(CLAIMS.map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_what_the_server_supports() {
        let input = MetadataInput {
            issuer: "https://id.example",
            authorization_endpoint: "https://id.example/authorize",
            token_endpoint: "https://id.example/token",
            userinfo_endpoint: "https://id.example/userinfo",
            jwks_uri: "https://id.example/.well-known/jwks.json",
            introspection_endpoint: "https://id.example/introspect",
            revocation_endpoint: "https://id.example/revoke",
            end_session_endpoint: "https://id.example/signout",
            acr_values: &["1fa", "2fa"],
            ui_locales: &["en"],
            service_documentation: None,
        };
        insta::assert_json_snapshot!(metadata(&input));
        let documented = MetadataInput { service_documentation: Some("https://docs.example"), ..input };
        assert_eq!(metadata(&documented)["service_documentation"], "https://docs.example");
        assert!(metadata(&input).get("service_documentation").is_none());
    }
}
