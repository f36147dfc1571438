//! The command line: one verb a line, nothing else.

use clap::Parser;
use countersign::{
    cli::{self, ClientVerb, CommandLine, Exit, PersonVerb, Verb},
    demo, operator,
};

#[tokio::main]
async fn main() -> Exit {
    cli::install_panic_message();
    // Whoever speaks TLS finds the one cryptographic library there is; a second call would only say so.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let line = CommandLine::try_parse().unwrap_or_else(|refusal| cli::without_secrets(refusal).exit());
    operator::conclude(match line.verb {
        Verb::Serve(options) => operator::serve(options).await,
        Verb::Demo(options) => demo::demo(options).await,
        Verb::Person(PersonVerb::Add(options)) => operator::add_person(options).await,
        Verb::Person(PersonVerb::ResetMfa(options)) => operator::reset_mfa(options).await,
        Verb::Client(ClientVerb::Add(options)) => operator::add_client(options).await,
        Verb::Migrate(options) => operator::migrate(options).await,
        Verb::Openapi => operator::openapi(),
        Verb::Healthcheck(options) => operator::healthcheck(options).await,
    })
}
