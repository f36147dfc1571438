//! The program: parses the command line and runs the command.

use clap::Parser;
use countersign::{
    cli::{self, Cli, ClientCommand, Command, Exit, PersonCommand},
    operator,
};

#[tokio::main]
async fn main() -> Exit {
    cli::install_panic_message();
    // Install the process-wide rustls provider; it may be installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let line = Cli::try_parse().unwrap_or_else(|refusal| cli::without_secrets(refusal).exit());
    operator::exit_code(match line.command {
        Command::Serve(options) => operator::serve(options).await,
        #[cfg(feature = "demo")]
        Command::Demo(options) => countersign::demo::demo(options).await,
        #[cfg(not(feature = "demo"))]
        Command::Demo(_) => operator::refuse_demo(),
        Command::Person(PersonCommand::Add(options)) => operator::add_person(options).await,
        Command::Person(PersonCommand::ResetMfa(options)) => operator::reset_mfa(options).await,
        Command::Client(ClientCommand::Add(options)) => operator::add_client(options).await,
        Command::Migrate(options) => operator::migrate(options).await,
        Command::Openapi => operator::openapi(),
        Command::Healthcheck(options) => operator::healthcheck(options).await,
    })
}
