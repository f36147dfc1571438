//! The command line: one verb a line, nothing else.

use clap::Parser;
use countersign::{
    cli::{Cli, ClientCommand, Command, Exit, PersonCommand},
    demo, operator,
};

#[tokio::main]
async fn main() -> Exit {
    // Whoever speaks TLS finds the one cryptographic library there is; a second call would only say so.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    operator::exit_code(match Cli::parse().command {
        Command::Serve(options) => operator::serve(options).await,
        Command::Demo(options) => demo::demo(options).await,
        Command::Person(PersonCommand::Add(options)) => operator::add_person(options).await,
        Command::Person(PersonCommand::ResetMfa(options)) => operator::reset_mfa(options).await,
        Command::Client(ClientCommand::Add(options)) => operator::add_client(options).await,
        Command::Migrate(options) => operator::migrate(options).await,
        Command::Openapi => operator::openapi(),
        Command::Healthcheck(options) => operator::healthcheck(options).await,
    })
}
