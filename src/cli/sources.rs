//! The setting that each option sets; `config` defines what a setting means.

use super::{Common, Demo, Healthcheck, Serve};
use crate::config::Sources;
use secrecy::{ExposeSecret, SecretString};
use std::net::SocketAddr;

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
    use crate::{
        cli::{Cli, Command},
        config::Config,
    };
    use clap::Parser;

    fn parsed(line: &str) -> Command {
        Cli::try_parse_from(line.split(' ')).unwrap().command
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
}
