//! The program: parses the command line and runs the command.
//!
//! Never decides what a command does. It is in the library and not in `main`, so that the code of the commands is
//! compiled once.
//! Called by: `main`.

#[cfg(feature = "demo")]
use crate::demo;
use crate::{
    cli::{self, Cli, Command, Exit},
    operator::{self, CommandError},
};
use clap::Parser;
use std::{future::Future, pin::Pin};

/// Runs the command of the command line, and returns its exit code.
///
/// # Errors
/// When the operating system gives no threads.
pub fn run() -> std::io::Result<Exit> {
    cli::install_panic_message();
    // Install the process-wide rustls provider; it may be installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let line = Cli::try_parse().unwrap_or_else(|refusal| cli::without_secrets(refusal).exit());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(operator::exit_code(runtime.block_on(start(line.command))))
}

/// Starts a command. Boxed, because only one of these futures exists and some are large.
fn start(command: Command) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        Command::Serve(options) => Box::pin(operator::serve(options)),
        #[cfg(feature = "demo")]
        Command::Demo(options) => Box::pin(demo::demo(options)),
        #[cfg(not(feature = "demo"))]
        Command::Demo(_) => Box::pin(std::future::ready(operator::refuse_demo())),
        Command::Person(command) => operator::run_person(command),
        Command::Client(command) => operator::run_client(command),
        Command::Pool(command) => operator::run_pool(command),
        Command::Workspace(command) => operator::run_workspace(command),
        Command::Keys(command) => operator::run_keys(command),
        Command::Audit(command) => operator::run_audit(command),
        Command::Migrate(options) => Box::pin(operator::migrate(options)),
        Command::Openapi => Box::pin(std::future::ready(operator::openapi())),
        Command::Healthcheck(options) => Box::pin(operator::healthcheck(options)),
    }
}
