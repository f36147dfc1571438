//! The options of `countersign client`.

use super::Common;
use crate::{
    config::redacted,
    directory::{IdTokenClaims, RefreshTokenRule, SigningAlgorithm, TokenLifetime, TokenLifetimes},
    protocol::acr::Acr,
};
use clap::{Args, Subcommand};

/// The commands for applications.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// List the applications, by client id; with --json one object a line
    List(ClientList),
    /// Show an application: state, pools, settings
    Show(WhichClient),
    /// Register an application and print its client id and secret, once
    Add(ClientAdd),
    /// Change settings of an application; what is not named stays
    Set(ClientSet),
    /// Give an application another secret and print it, once; its tokens stay
    RotateSecret(ClientRotateSecret),
    /// Refuse an application everywhere, and end all of its codes and tokens
    Disable(ChangeClient),
    /// Serve a disabled application again; nothing that was ended comes back
    Enable(WhichClient),
    /// Delete an application for good; the audit events stay
    Delete(ChangeClient),
}

/// One application.
#[derive(Clone, Debug, Args)]
pub struct WhichClient {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The workspace
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub workspace: String,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// The client id
    #[arg(value_name = "CLIENT_ID")]
    pub client_id: String,
}

/// One application, for a command that takes something away.
#[derive(Clone, Debug, Args)]
pub struct ChangeClient {
    /// The application.
    #[command(flatten)]
    pub which: WhichClient,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
}

/// `countersign client list`.
#[derive(Clone, Debug, Args)]
pub struct ClientList {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The workspace
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub workspace: String,
    /// Only applications after this client id
    #[arg(long, value_name = "CLIENT_ID")]
    pub after: Option<String>,
    /// At most so many applications [default: all]
    #[arg(long, value_name = "NUMBER")]
    pub limit: Option<u64>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `countersign client rotate-secret`.
#[derive(Clone, Debug, Args)]
pub struct ClientRotateSecret {
    /// The application.
    #[command(flatten)]
    pub change: ChangeClient,
    /// Accept the secret before for so many seconds more
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=2_592_000))]
    pub overlap: u32,
    /// Others know the secret: it ends at once, and so do all tokens of the application
    #[arg(long, conflicts_with = "overlap")]
    pub compromised: bool,
}

/// `countersign client set`.
#[derive(Clone, Debug, Args)]
pub struct ClientSet {
    /// The application.
    #[command(flatten)]
    pub change: ChangeClient,
    /// The name that people see when they sign in to it
    #[arg(long)]
    pub name: Option<String>,
    /// A redirect URI for authorization codes; repeatable, replaces all
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,
    /// A redirect URI after a sign-out; repeatable, replaces all
    #[arg(long, value_name = "URI")]
    pub post_logout_redirect_uri: Vec<String>,
    /// The pool whose people may sign in; repeatable, replaces all: those of the others lose what they were given
    #[arg(long, value_name = "NAME")]
    pub pool: Vec<String>,
    /// Whether PKCE is required; always for a public client
    #[arg(long, value_name = "YES_OR_NO", value_parser = yes_or_no)]
    pub require_pkce: Option<bool>,
    /// The algorithm that signs its ID tokens: RS256, ES256 or EdDSA
    #[arg(long, value_name = "ALG", value_parser = signing_algorithm)]
    pub id_token_signed_response_alg: Option<SigningAlgorithm>,
    /// When it gets refresh tokens: never, when it asks for offline_access, or always
    #[arg(long, value_name = "WHEN", value_parser = refresh_token_rule)]
    pub refresh_token: Option<RefreshTokenRule>,
    /// The claims in its ID tokens: granted or strict
    #[arg(long, value_name = "WHICH", value_parser = id_token_claims)]
    pub id_token_claims: Option<IdTokenClaims>,
    /// The assurance that every sign-in to it must reach; none for no such demand
    #[arg(long, value_name = "ACR", value_parser = [NO_ACR, Acr::OneFactor.as_str(), Acr::TwoFactors.as_str()])]
    pub require_acr: Option<String>,
    /// Whether the organization has consented for everyone
    #[arg(long, value_name = "YES_OR_NO", value_parser = yes_or_no)]
    pub implied_consent: Option<bool>,
    /// The lifetimes of its codes and tokens.
    #[command(flatten)]
    pub lifetimes: LifetimeOptions,
}

/// The lifetimes of the codes and tokens of an application, in seconds.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct LifetimeOptions {
    /// Seconds for which its access tokens are valid: 60 to 86400, usually 600
    #[arg(long, value_name = "SECONDS")]
    pub access_token_seconds: Option<u32>,
    /// Seconds for which its ID tokens are valid: 60 to 86400, usually 600
    #[arg(long, value_name = "SECONDS")]
    pub id_token_seconds: Option<u32>,
    /// Seconds for which its refresh tokens are valid without use: 300 to 7776000, usually 2592000
    #[arg(long, value_name = "SECONDS")]
    pub refresh_token_idle_seconds: Option<u32>,
    /// Seconds after the authorization at which all its refresh tokens end: 300 to 7776000, usually that many
    #[arg(long, value_name = "SECONDS")]
    pub refresh_token_absolute_seconds: Option<u32>,
    /// Seconds within which it redeems an authorization code: 10 to 600, usually 60
    #[arg(long, value_name = "SECONDS")]
    pub authorization_code_seconds: Option<u32>,
}

impl LifetimeOptions {
    /// Sets the lifetimes that were given.
    pub fn apply(&self, lifetimes: &mut TokenLifetimes) {
        let given = [
            (TokenLifetime::AccessTokenSeconds, self.access_token_seconds),
            (TokenLifetime::IdTokenSeconds, self.id_token_seconds),
            (TokenLifetime::RefreshTokenIdleSeconds, self.refresh_token_idle_seconds),
            (TokenLifetime::RefreshTokenAbsoluteSeconds, self.refresh_token_absolute_seconds),
            (TokenLifetime::AuthorizationCodeSeconds, self.authorization_code_seconds),
        ];
        for (which, seconds) in given {
            if let Some(seconds) = seconds {
                lifetimes.set(which, i64::from(seconds));
            }
        }
    }
}

/// The word that takes the demanded assurance away.
pub const NO_ACR: &str = "none";

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
    /// The workspace
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub workspace: String,
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
    /// The lifetimes of its codes and tokens.
    #[command(flatten)]
    pub lifetimes: LifetimeOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("write yes or no".to_owned()),
    }
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
