//! Commands and options: the setting that each option sets; `config` defines what a setting means.

use crate::{
    config::{Sources, redacted},
    directory::{IdTokenClaims, RefreshTokenRule, SigningAlgorithm},
};
use clap::{Args, Parser, Subcommand};
use secrecy::{ExposeSecret, SecretString};
use std::{net::SocketAddr, path::PathBuf};

/// Countersign: a self-hosted OpenID Connect identity provider with approvals on the phone.
#[derive(Clone, Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The text below the list of commands.
const EXAMPLES: &str = "Examples:
  countersign demo                                   try it, nothing is kept
  countersign serve --public-url https://id.example.com
  countersign person add ada --email ada@example.com < password.txt
  countersign client add --name Wiki --redirect-uri https://wiki.example.com/callback

Every setting, its variable and its default: docs/configuration.md";

/// The commands of the program.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the identity provider
    Serve(Serve),
    /// Try it: a throw-away identity provider and an application that uses it
    Demo(Demo),
    /// Manage people
    #[command(subcommand)]
    Person(PersonCommand),
    /// Manage applications
    #[command(subcommand)]
    Client(ClientCommand),
    /// Bring the database's schema up to date
    Migrate(Common),
    /// Print the device API's OpenAPI document
    Openapi,
    /// Check that a running server is alive; for containers
    Healthcheck(Healthcheck),
}

/// The configuration sources of every command that opens the database.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// A configuration file, or a folder of them; repeatable, a later one wins
    #[arg(long, value_name = "PATH")]
    pub config: Vec<PathBuf>,
    /// The database: sqlite:PATH or postgres://HOST/NAME; a password belongs in COUNTERSIGN_DATABASE_URL_FILE
    #[arg(long, value_name = "URL")]
    pub database: Option<SecretString>,
    /// The folder of the SQLite file and the generated keys
    #[arg(long, value_name = "PATH")]
    pub data_dir: Option<PathBuf>,
}

/// `countersign serve`.
#[derive(Clone, Debug, Default, Args)]
pub struct Serve {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The address and port to listen on
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The address by which people and applications reach this server
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// An origin in a private network that the server may call; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub allow_outbound: Vec<String>,
}

/// `countersign demo`.
#[derive(Clone, Debug, Default, Args)]
pub struct Demo {
    /// The address and port to listen on [default: 127.0.0.1:8080, or another free port when it is taken]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The URL of a TLS proxy or tunnel in front of the demo, for use with a real phone
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A redirect URI of your own application; repeatable
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,
    /// A post-logout redirect URI of your own application; repeatable
    #[arg(long, value_name = "URI")]
    pub post_logout_redirect_uri: Vec<String>,
    /// The database [default: an SQLite file in a temporary folder]
    #[arg(long, value_name = "URL")]
    pub database: Option<SecretString>,
    /// An origin in a private network that the server may call; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub allow_outbound: Vec<String>,
    /// Print one JSON object with everything a script needs when the server is ready
    #[arg(long)]
    pub json: bool,
}

/// The commands for people.
#[derive(Clone, Debug, Subcommand)]
pub enum PersonCommand {
    /// Add a person; the password is read from a file, or from standard input
    Add(PersonAdd),
    /// Remove a person's authenticators, for example after a lost phone
    ResetMfa(PersonResetMfa),
}

/// `countersign person add`.
#[derive(Clone, Debug, Args)]
pub struct PersonAdd {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The name to sign in with
    pub username: String,
    /// The pool to add the person to
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: String,
    /// The full name, as applications show it
    #[arg(long)]
    pub name: Option<String>,
    /// The mail address
    #[arg(long)]
    pub email: Option<String>,
    /// A file with the password, without its last newline [default: standard input]
    #[arg(long, value_name = "PATH")]
    pub password_file: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// `countersign person reset-mfa`.
#[derive(Clone, Debug, Args)]
pub struct PersonResetMfa {
    /// The configuration sources.
    #[command(flatten)]
    pub common: Common,
    /// The name to sign in with
    pub username: String,
    /// The pool of the person
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: String,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

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
    #[arg(long, value_name = "ACR", value_parser = ["1fa", "2fa"])]
    pub require_acr: Option<String>,
    /// Do not ask for consent: the organization has consented for everyone
    #[arg(long)]
    pub implied_consent: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

fn refresh_token_rule(text: &str) -> Result<RefreshTokenRule, String> {
    match text {
        "never" => Ok(RefreshTokenRule::Never),
        "offline_access" => Ok(RefreshTokenRule::OfflineAccess),
        "always" => Ok(RefreshTokenRule::Always),
        _ => Err(format!("`{}` is not a rule; write never, offline_access or always", redacted(text))),
    }
}

fn id_token_claims(text: &str) -> Result<IdTokenClaims, String> {
    match text {
        "granted" => Ok(IdTokenClaims::Granted),
        "strict" => Ok(IdTokenClaims::Strict),
        _ => Err(format!("`{}` is not a rule; write granted or strict", redacted(text))),
    }
}

fn signing_algorithm(text: &str) -> Result<SigningAlgorithm, String> {
    let known = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == text);
    known.ok_or_else(|| {
        let offered = SigningAlgorithm::ALL.map(|one| one.as_str()).join(", ");
        format!("`{}` is not offered; write {offered}", redacted(text))
    })
}

/// `countersign healthcheck`.
#[derive(Clone, Debug, Args)]
pub struct Healthcheck {
    /// The server to check [default: the configured listening address]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A configuration file, or a folder of them; repeatable, a later one wins
    #[arg(long, value_name = "PATH")]
    pub config: Vec<PathBuf>,
}

/// Settings given by flags, as key and value for `config`.
type Flags = Vec<(&'static str, String)>;

impl Common {
    /// Combines these options with the process's environment.
    pub fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone(), self.flags())
    }

    /// Returns the given options.
    fn flags(&self) -> Flags {
        let data_dir = self.data_dir.as_ref().map(|path| path.display().to_string());
        given([("database_url", exposed(self.database.as_ref())), ("data_dir", data_dir)])
    }
}

impl Serve {
    /// Combines these options with the process's environment.
    pub fn sources(&self) -> Sources {
        let mut flags = self.common.flags();
        flags.extend(addresses(self.listen, self.public_url.as_ref(), &self.allow_outbound));
        Sources::of_process(self.common.config.clone(), flags)
    }
}

impl Demo {
    /// Returns these options and the log settings of the environment; other environment variables are
    /// ignored. With a public URL, forwarding headers are trusted from loopback, where the proxy or tunnel
    /// runs.
    pub fn sources(&self) -> Sources {
        let mut flags = addresses(self.listen, self.public_url.as_ref(), &self.allow_outbound);
        let proxies = self.public_url.as_ref().map(|_| "127.0.0.0/8,::1".to_owned());
        flags
            .extend(given([("database_url", exposed(self.database.as_ref())), ("trusted_proxies", proxies)]));
        Sources::of_demo(flags)
    }
}

impl Healthcheck {
    /// Returns the sources of the listening address.
    pub fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone(), Vec::new())
    }
}

/// Exposes a secret for the configuration, which wraps it again.
fn exposed(secret: Option<&SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

/// Returns the options that are present.
fn given<const N: usize>(options: [(&'static str, Option<String>); N]) -> Flags {
    options.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
}

/// Returns the options that `serve` and `demo` share.
fn addresses(listen: Option<SocketAddr>, public_url: Option<&String>, outbound: &[String]) -> Flags {
    given([
        ("listen", listen.map(|address| address.to_string())),
        ("public_url", public_url.cloned()),
        ("allow_outbound", (!outbound.is_empty()).then(|| outbound.join(","))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use clap::CommandFactory;

    fn parsed(line: &str) -> Command {
        Cli::try_parse_from(line.split(' ')).unwrap().command
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_options_of_serve_reach_the_configuration() {
        let Command::Serve(serve) = parsed(
            "countersign serve --listen 127.0.0.1:9 --public-url https://id.example --database sqlite:a \
             --data-dir /srv/c --allow-outbound https://a:1 --allow-outbound https://b:2",
        ) else {
            panic!("another command")
        };
        let config = Config::load(&Sources { environment: [].into(), ..serve.sources() }).unwrap();
        assert_eq!((config.listen.port(), config.issuer().as_str()), (9, "https://id.example"));
        assert_eq!(config.allow_outbound, ["https://a:1", "https://b:2"]);
        assert_eq!(config.data_dir(), std::path::Path::new("/srv/c"));
    }

    #[test]
    fn a_demo_trusts_loopback_only_with_a_public_url() {
        for (line, trusted) in
            [("countersign demo", 0), ("countersign demo --public-url https://demo.example", 2)]
        {
            let Command::Demo(demo) = parsed(line) else { panic!("another command") };
            assert_eq!(Config::load(&demo.sources()).unwrap().trusted_proxies.len(), trusted, "{line}");
        }
    }

    #[test]
    fn the_environment_of_a_server_does_not_reach_a_demo() {
        let Command::Demo(demo) = parsed("countersign demo") else { panic!("another command") };
        let sources = demo.sources();
        assert!(!sources.environment.keys().any(|name| name.contains("DATABASE") || name == "PORT"));
        assert!(sources.files.is_empty());
    }

    #[test]
    fn no_option_takes_a_secret() {
        let line = "countersign person add ada --password secret";
        assert!(Cli::try_parse_from(line.split(' ')).is_err());
        let line = "countersign person add ada --password-file /run/secrets/ada --pool people";
        assert!(Cli::try_parse_from(line.split(' ')).is_ok());
    }

    #[test]
    fn the_debug_output_of_a_command_omits_the_database_url() {
        for line in ["countersign migrate --database MARK", "countersign demo --database MARK"] {
            assert!(!format!("{:?}", parsed(line)).contains("MARK"), "{line}");
        }
    }
}
