//! The options of `countersign client`.

use super::Common;
use crate::{
    config::redacted,
    directory::{IdTokenClaims, RefreshTokenRule, SigningAlgorithm},
    protocol::acr::Acr,
};
use clap::{Args, Subcommand};

/// The commands for applications.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Register an application and print its client id and secret, once
    Add(ClientAdd),
}

/// `countersign client add`.
#[derive(Clone, Debug, Args)]
pub struct ClientAdd {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The name that people see when they sign in to it
    #[arg(long)]
    pub name: String,
    /// A redirect URI for authorization codes; repeatable, compared exactly
    #[arg(long, value_name = "URI", required = true)]
    pub redirect_uri: Vec<String>,
    /// A redirect URI after a sign-out; repeatable
    #[arg(long, value_name = "URI")]
    pub post_logout_redirect_uri: Vec<String>,
    /// The pool whose people may sign in; repeatable
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: Vec<String>,
    /// An application that cannot keep a secret (in a browser, on a phone); requires PKCE
    #[arg(long)]
    pub public: bool,
    /// Require PKCE also from an application that can keep a secret
    #[arg(long)]
    pub require_pkce: bool,
    /// The algorithm that signs its ID tokens: RS256, ES256 or EdDSA
    #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = signing_algorithm)]
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// When it gets refresh tokens: never, when it asks for offline_access, or always
    #[arg(long, value_name = "WHEN", default_value = "offline_access", value_parser = refresh_token_rule)]
    pub refresh_token: RefreshTokenRule,
    /// The claims in its ID tokens: all that the granted scopes include, or strictly those that the claims
    /// parameter requests
    #[arg(long, value_name = "WHICH", default_value = "granted", value_parser = id_token_claims)]
    pub id_token_claims: IdTokenClaims,
    /// The assurance that every sign-in to it must reach
    #[arg(long, value_name = "ACR", value_parser = Acr::ALL.map(Acr::as_str))]
    pub require_acr: Option<String>,
    /// Do not ask for consent: the organization has consented for everyone
    #[arg(long)]
    pub implied_consent: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

fn refresh_token_rule(text: &str) -> Result<RefreshTokenRule, String> {
    let known = RefreshTokenRule::ALL.into_iter().find(|rule| rule.as_str() == text);
    known.ok_or_else(|| format!("`{}` is not a rule; write never, offline_access or always", redacted(text)))
}

fn id_token_claims(text: &str) -> Result<IdTokenClaims, String> {
    let known = IdTokenClaims::ALL.into_iter().find(|rule| rule.as_str() == text);
    known.ok_or_else(|| format!("`{}` is not a rule; write granted or strict", redacted(text)))
}

fn signing_algorithm(text: &str) -> Result<SigningAlgorithm, String> {
    let known = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == text);
    known.ok_or_else(|| {
        let offered = SigningAlgorithm::ALL.map(|one| one.as_str()).join(", ");
        format!("`{}` is not offered; write {offered}", redacted(text))
    })
}
