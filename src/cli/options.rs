//! Verbs and options. What an option sets in the configuration is said here, what it means in `config`.

use crate::{
    config::Sources,
    directory::{IdTokenClaims, RefreshTokenRule, SigningAlgorithm},
};
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// Countersign: a self-hosted OpenID Connect identity provider with approvals on the phone.
#[derive(Clone, Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What stands below the list of verbs.
const EXAMPLES: &str = "Examples:
  countersign demo                                   try it, nothing is kept
  countersign serve --public-url https://id.example.com
  countersign person add ada --email ada@example.com < password.txt
  countersign client add --name Wiki --redirect-uri https://wiki.example.com/callback

Every setting, its variable and its default: docs/configuration.md";

/// The verbs.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the identity provider
    Serve(Serve),
    /// Try it: a throw-away identity provider and an application that uses it
    Demo(Demo),
    /// People
    #[command(subcommand)]
    Person(PersonCommand),
    /// Applications
    #[command(subcommand)]
    Client(ClientCommand),
    /// Bring the database's schema up to date
    Migrate(Common),
    /// Print the device API's OpenAPI document
    Openapi,
    /// Ask a running server whether it lives; for containers
    Healthcheck(Healthcheck),
}

/// Where the configuration comes from, for every verb that opens the database.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// A configuration file, or a folder of them; repeatable, a later one wins
    #[arg(long, value_name = "PATH")]
    pub config: Vec<PathBuf>,
    /// The database: sqlite:PATH or postgres://HOST/NAME; a password belongs in COUNTERSIGN_DATABASE_URL_FILE
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Where the SQLite file and generated keys are kept
    #[arg(long, value_name = "PATH")]
    pub data_dir: Option<PathBuf>,
}

/// `countersign serve`.
#[derive(Clone, Debug, Default, Args)]
pub struct Serve {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub common: Common,
    /// The address and port to listen on
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The address by which people and applications reach this server
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// An origin that may be called although it lies in a private network; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub allow_outbound: Vec<String>,
}

/// `countersign demo`.
#[derive(Clone, Debug, Default, Args)]
pub struct Demo {
    /// The address and port to listen on [default: 127.0.0.1:8080, or another free port when it is taken]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The address of a proxy or tunnel that speaks TLS, to try it with a real phone
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A redirect URI of your own application; repeatable
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,
    /// Where your own application wants people after a sign-out; repeatable
    #[arg(long, value_name = "URI")]
    pub post_logout_redirect_uri: Vec<String>,
    /// Another database than an SQLite file in a temporary folder
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// An origin that may be called although it lies in a private network; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub allow_outbound: Vec<String>,
    /// Print one JSON object with everything a script needs when the server is ready
    #[arg(long)]
    pub json: bool,
}

/// What is done with people.
#[derive(Clone, Debug, Subcommand)]
pub enum PersonCommand {
    /// Add a person; the password is read from a file, or from standard input
    Add(PersonAdd),
    /// Remove a person's authenticators: the way back after a lost phone
    ResetMfa(PersonResetMfa),
}

/// `countersign person add`.
#[derive(Clone, Debug, Args)]
pub struct PersonAdd {
    /// Where the configuration comes from.
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
    /// Where the configuration comes from.
    #[command(flatten)]
    pub common: Common,
    /// The name to sign in with
    pub username: String,
    /// The pool of the person
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: String,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What is done with applications.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Register an application and print its client id and secret, once
    Add(ClientAdd),
}

/// `countersign client add`.
#[derive(Clone, Debug, Args)]
pub struct ClientAdd {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub common: Common,
    /// What people see when they sign in to it
    #[arg(long)]
    pub name: String,
    /// Where the browser may be sent with a code; repeatable, compared exactly
    #[arg(long, value_name = "URI", required = true)]
    pub redirect_uri: Vec<String>,
    /// Where the browser may be sent after a sign-out; repeatable
    #[arg(long, value_name = "URI")]
    pub post_logout_redirect_uri: Vec<String>,
    /// The pool whose people may sign in; repeatable
    #[arg(long, value_name = "NAME", default_value = "people")]
    pub pool: Vec<String>,
    /// An application that cannot keep a secret (in a browser, on a phone): PKCE is demanded
    #[arg(long)]
    pub public: bool,
    /// Demand PKCE from an application that can keep a secret, too
    #[arg(long)]
    pub require_pkce: bool,
    /// How its ID tokens are signed: RS256, ES256 or EdDSA
    #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = signing_algorithm)]
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// When it gets refresh tokens: never, when it asks for offline_access, or always
    #[arg(long, value_name = "WHEN", default_value = "offline_access", value_parser = refresh_token_rule)]
    pub refresh_token: RefreshTokenRule,
    /// Which claims its ID tokens carry: all that the granted scopes name, or strictly what the claims parameter asks for
    #[arg(long, value_name = "WHICH", default_value = "granted", value_parser = id_token_claims)]
    pub id_token_claims: IdTokenClaims,
    /// The assurance that every sign-in to it must reach
    #[arg(long, value_name = "ACR", value_parser = ["1fa", "2fa"])]
    pub require_acr: Option<String>,
    /// Ask nobody for consent: the organization has consented for everyone
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
        _ => Err(format!("`{text}` is not a rule; write never, offline_access or always")),
    }
}

fn id_token_claims(text: &str) -> Result<IdTokenClaims, String> {
    match text {
        "granted" => Ok(IdTokenClaims::Granted),
        "strict" => Ok(IdTokenClaims::Strict),
        _ => Err(format!("`{text}` is not a rule; write granted or strict")),
    }
}

fn signing_algorithm(text: &str) -> Result<SigningAlgorithm, String> {
    let known = SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == text);
    known.ok_or_else(|| {
        format!("`{text}` is not offered; write {}", SigningAlgorithm::ALL.map(|one| one.as_str()).join(", "))
    })
}

/// `countersign healthcheck`.
#[derive(Clone, Debug, Args)]
pub struct Healthcheck {
    /// The server to ask [default: the configured listening address]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A configuration file, or a folder of them; repeatable, a later one wins
    #[arg(long, value_name = "PATH")]
    pub config: Vec<PathBuf>,
}

/// Settings given by flags, as `config` takes them.
type Flags = Vec<(&'static str, String)>;

impl Common {
    /// These options over the process's environment.
    pub fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone(), self.flags())
    }

    /// What was given.
    fn flags(&self) -> Flags {
        let data_dir = self.data_dir.as_ref().map(|path| path.display().to_string());
        given([("database_url", self.database.clone()), ("data_dir", data_dir)])
    }
}

impl Serve {
    /// These options over the process's environment.
    pub fn sources(&self) -> Sources {
        let mut flags = self.common.flags();
        flags.extend(addresses(self.listen, self.public_url.as_ref(), &self.allow_outbound));
        Sources::of_process(self.common.config.clone(), flags)
    }
}

impl Demo {
    /// These options alone, over how the process logs. Behind a proxy or tunnel its forwarding headers are believed
    /// from loopback.
    pub fn sources(&self) -> Sources {
        let mut flags = addresses(self.listen, self.public_url.as_ref(), &self.allow_outbound);
        let proxies = self.public_url.as_ref().map(|_| "127.0.0.0/8,::1".to_owned());
        flags.extend(given([("database_url", self.database.clone()), ("trusted_proxies", proxies)]));
        Sources::of_demo(flags)
    }
}

impl Healthcheck {
    /// Where the server listens.
    pub fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone(), Vec::new())
    }
}

/// The options that are given.
fn given<const N: usize>(options: [(&'static str, Option<String>); N]) -> Flags {
    options.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
}

/// The options that `serve` and `demo` share.
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
    fn what_serve_is_given_reaches_the_configuration() {
        let Command::Serve(serve) = parsed(
            "countersign serve --listen 127.0.0.1:9 --public-url https://id.example --database sqlite:a \
             --data-dir /srv/c --allow-outbound https://a:1 --allow-outbound https://b:2",
        ) else {
            panic!("another verb")
        };
        let config = Config::load(&Sources { environment: [].into(), ..serve.sources() }).unwrap();
        assert_eq!((config.listen.port(), config.issuer().as_str()), (9, "https://id.example"));
        assert_eq!(config.allow_outbound, ["https://a:1", "https://b:2"]);
        assert_eq!(config.data_dir(), std::path::Path::new("/srv/c"));
    }

    #[test]
    fn a_demo_trusts_loopback_only_when_it_was_told_its_public_url() {
        for (line, trusted) in
            [("countersign demo", 0), ("countersign demo --public-url https://demo.example", 2)]
        {
            let Command::Demo(demo) = parsed(line) else { panic!("another verb") };
            assert_eq!(Config::load(&demo.sources()).unwrap().trusted_proxies.len(), trusted, "{line}");
        }
    }

    #[test]
    fn the_environment_of_a_lasting_instance_does_not_reach_a_demo() {
        let Command::Demo(demo) = parsed("countersign demo") else { panic!("another verb") };
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
}
