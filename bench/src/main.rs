//! The benchmark: operations per second of a running server, of a bare handler and of the raw work in the
//! same run.
//!
//! Never a test: it prints numbers and whether each goal is reached.
//! Spec: the goals in `docs/benchmark.md`.
//! Called by: a person, with `cargo run --release -p bench`.

/// A database with many rows for the clean-up.
mod backlog;
/// A poem handler that does nothing, in a process of its own.
mod bare;
/// A browser without a screen.
mod browser;
/// The measured server and the JSON that it prints.
mod demo;
/// A source that floods, in a process of its own.
mod flood;
/// Keep-alive connections that send a request after each response.
mod load;
/// One file per measurement.
mod measurements;
/// Pinned child processes.
mod processes;
/// Hashing and signing alone, in a process of its own.
mod raw;
/// The table.
mod report;
/// Time.
mod stopwatch;
/// Signing in and getting tokens.
mod tokens;

use clap::{Parser, Subcommand};
use measurements::Measurement;
use std::path::PathBuf;

#[derive(Parser)]
#[command(
    name = "countersign-bench",
    about = "Measures a running Countersign, one core for it, one for the load"
)]
struct Arguments {
    #[command(subcommand)]
    child: Option<Child>,
    #[command(flatten)]
    options: Options,
}

/// The processes that the benchmark starts from its own binary, pinned to the server's core.
#[derive(Subcommand)]
enum Child {
    /// Serves bodies of any size and does nothing else.
    #[command(hide = true)]
    Bare,
    /// Hashes and signs, and prints the rates.
    #[command(hide = true)]
    Raw,
    /// Sends names and wrong passwords from one source at full speed.
    #[command(hide = true, name = "flood-source")]
    FloodSource(flood::Target),
}

/// The options.
#[derive(Clone, clap::Args)]
pub struct Options {
    /// The server's binary; built beside this one by `cargo build --release`.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Compare with this earlier build of the server, in alternating rounds: only the endpoints, without bare handler.
    #[arg(long, value_name = "PATH")]
    before: Option<PathBuf>,
    /// The core that the server, the bare handler and the raw work run on, one at a time.
    #[arg(long, default_value_t = 0)]
    server_core: usize,
    /// The core that the load comes from.
    #[arg(long, default_value_t = 1)]
    load_core: usize,
    /// The number of simultaneous connections.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds of one round; a rate is the median of three rounds, in turn with the bare handler's.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// The number of waiting sign-ins to hold.
    #[arg(long, default_value_t = 10_000)]
    waiting: usize,
    /// The database of `cleanup`, empty or made by an earlier run; a new SQLite file where none is given.
    #[arg(long)]
    cleanup_database: Option<String>,
    /// Used refresh tokens in it, with as many access tokens and twice as many audit events.
    #[arg(long, default_value_t = 1_000_000)]
    cleanup_rows: usize,
    /// End `cleanup` after this many seconds even if rows are left.
    #[arg(long, default_value_t = 3600)]
    cleanup_seconds: u64,
    /// Run only these measurements; `cleanup` runs only if named.
    #[arg(value_enum)]
    only: Vec<Measurement>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.child {
        Some(Child::Raw) => raw::run(),
        Some(Child::Bare) => runtime()?.block_on(bare::run()),
        Some(Child::FloodSource(target)) => runtime()?.block_on(flood::run(target)),
        None => {
            // Before the first thread starts, so that all threads inherit it.
            processes::pin_self(arguments.options.load_core)?;
            runtime()?.block_on(measurements::run(arguments.options))
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}
