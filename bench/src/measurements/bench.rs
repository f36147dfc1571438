use super::{
    cleanup, compare, discovery, flood, introspection, jwks, memory, password, refresh, signatures, start,
    userinfo, waiting,
};
use crate::demo::{Demo, Described, REDIRECT_URI, database, key};
use crate::load::{Body, Caller, Callers, connect, in_turns, source};
use crate::processes::Pinned;
use crate::report::{Row, per_second, percent, print};
use crate::stopwatch::pause;
use crate::tokens::Client;
use crate::{Options, bare, raw::RawRates};
use anyhow::{Context, bail, ensure};
use hyper::{Method, Request, header};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Attempts to connect to a server that starts, and the pause between them: ten seconds together.
const START_TRIES: usize = 200;
const START_PAUSE: Duration = Duration::from_millis(50);

/// The measurements, in the order of their execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Measurement {
    /// Raw signatures; needs no server.
    Signatures,
    /// From start to ready with an existing database.
    Start,
    /// Idle memory.
    Memory,
    /// The discovery document.
    Discovery,
    /// The key set.
    Jwks,
    /// The userinfo endpoint.
    Userinfo,
    /// The introspection endpoint.
    Introspection,
    /// Refresh with rotation.
    Refresh,
    /// Sign-ins with a password.
    Password,
    /// Sign-ins held while they wait.
    Waiting,
    /// Sign-ins beside a source that floods.
    Flood,
    /// Refreshes while the hourly clean-up deletes a long backlog.
    Cleanup,
}

/// The input of every measurement.
pub struct Bench {
    /// The options.
    pub options: Options,
    /// The raw work in this run.
    pub raw: RawRates,
    server: PathBuf,
    bare: Pinned,
    folder: TempDir,
}

/// Runs the selected measurements and prints the table.
pub async fn run(options: Options) -> anyhow::Result<()> {
    use clap::ValueEnum;
    let is_wanted = |measurement| match options.only.as_slice() {
        [] => measurement != Measurement::Cleanup,
        only => only.contains(&measurement),
    };
    let wanted: Vec<_> =
        Measurement::value_variants().iter().copied().filter(|one| is_wanted(*one)).collect();
    if let Some(before) = options.before.clone() {
        let bench = Bench::set_up(options)?;
        compare::print(&compare::run(&bench.of(before)?, &bench, &wanted).await?);
        return Ok(());
    }
    let bench = Bench::set_up(options)?;
    let mut rows = Vec::new();
    for measurement in wanted {
        rows.extend(bench.measure(measurement).await.with_context(|| format!("measuring {measurement:?}"))?);
    }
    print(&rows);
    Ok(())
}

impl Bench {
    fn set_up(options: Options) -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let folder = tempfile::tempdir()?;
        let start = |child| {
            Pinned::start(options.server_core, &own, &[child], &folder.path().join(format!("{child}.log")))
        };
        let raw = serde_json::from_str(&start("raw")?.first_line)?;
        let bare = start("bare")?;
        let server = options.server.clone().unwrap_or_else(|| own.with_file_name("countersign"));
        Ok(Self { raw, server, bare, folder, options })
    }

    /// The same for another build of the server, with a database of its own.
    fn of(&self, server: PathBuf) -> anyhow::Result<Self> {
        let options = Options { server: Some(server), ..self.options.clone() };
        Self::set_up(options)
    }

    async fn measure(&self, measurement: Measurement) -> anyhow::Result<Vec<Row>> {
        Ok(match measurement {
            Measurement::Signatures => signatures::measure(self),
            Measurement::Start => vec![start::measure(self)?],
            Measurement::Memory => vec![memory::measure(self).await?],
            Measurement::Discovery => vec![discovery::measure(self).await?],
            Measurement::Jwks => vec![jwks::measure(self).await?],
            Measurement::Userinfo => vec![userinfo::measure(self).await?],
            Measurement::Introspection => vec![introspection::measure(self).await?],
            Measurement::Refresh => vec![refresh::measure(self).await?],
            Measurement::Password => vec![password::measure(self).await?],
            Measurement::Waiting => vec![waiting::measure(self).await?],
            Measurement::Flood => flood::measure(self).await?,
            Measurement::Cleanup => vec![cleanup::measure(self).await?],
        })
    }

    /// The demo, on the server's core, with the database of this run.
    pub fn demo(&self) -> anyhow::Result<Demo> {
        self.demo_on(&database(self.folder.path()))
    }

    /// The folder of this run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of the database of this run.
    pub fn database(&self) -> String {
        database(self.folder.path())
    }

    /// The demo, on the server's core, with this database.
    pub fn demo_on(&self, database: &str) -> anyhow::Result<Demo> {
        ensure!(
            self.server.exists(),
            "there is no server at {}; build it first: cargo build --release",
            self.server.display()
        );
        Demo::start(self.options.server_core, &self.server, self.folder.path(), database)
    }

    /// `countersign serve` at the addresses of a demo that has ended, with its database and its encryption
    /// key: a demo ignores the environment, so settings can be given to a server only. `variables` are
    /// `NAME=value`.
    pub async fn serve_on(
        &self,
        database: &str,
        demo: &Described,
        key: &str,
        variables: &[&str],
    ) -> anyhow::Result<Pinned> {
        let (key, listen) =
            (format!("COUNTERSIGN_ENCRYPTION_KEY={key}"), format!("127.0.0.1:{}", demo.port()));
        let server = self.server.to_str().context("the path of the server is not text")?;
        let issuer = demo.issuer.as_str().trim_end_matches('/');
        let arguments =
            [&key, server, "serve", "--database", database, "--listen", &listen, "--public-url", issuer];
        // `env` executes the server in its own process.
        let (env, log) = (Path::new("env"), self.folder.path().join("server.log"));
        let process =
            Pinned::start_silent(self.options.server_core, env, &[variables, &arguments].concat(), &log)?;
        for _ in 0..START_TRIES {
            if connect(source(0), demo.port()).await.is_ok() {
                return Ok(process);
            }
            pause(START_PAUSE).await;
        }
        bail!("the server does not listen; it said:\n{}", std::fs::read_to_string(log)?)
    }

    /// The encryption key of the demo's SQLite database of this run.
    pub fn demo_key(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(key(self.folder.path()))?.trim().to_owned())
    }

    /// A client of the guests' pool whose ID tokens are signed with ES256, registered beside the running demo
    /// as an operator would.
    pub fn client_with_es256(&self) -> anyhow::Result<Client> {
        let database = database(self.folder.path());
        let mut command = Command::new(&self.server);
        command.args(["client", "add", "--json", "--name", "Benchmark", "--pool", "guests"]);
        command.args([
            "--refresh-token",
            "always",
            "--id-token-signed-response-alg",
            "ES256",
            "--redirect-uri",
            REDIRECT_URI,
        ]);
        command.env("COUNTERSIGN_ENCRYPTION_KEY", self.demo_key()?);
        let done = command.args(["--database", &database]).output()?;
        ensure!(done.status.success(), "client add failed: {}", String::from_utf8_lossy(&done.stderr));
        #[derive(Deserialize)]
        struct Added {
            client_id: String,
            client_secret: String,
        }
        let added: Added = serde_json::from_slice(&done.stdout).context("what client add printed")?;
        Ok(Client::new(&added.client_id, &added.client_secret))
    }

    /// One caller for each connection.
    pub fn callers<C: Caller>(
        &self,
        port: u16,
        caller: impl FnMut(usize) -> anyhow::Result<C>,
    ) -> anyhow::Result<Callers> {
        let callers = (0..self.options.connections).map(caller);
        let callers = callers.map(|caller| Ok(Box::new(caller?) as Box<dyn Caller>));
        Ok(Callers { port, callers: callers.collect::<anyhow::Result<_>>()? })
    }

    /// Answers per second of these callers and of the bare handler with the same method and the same size.
    pub async fn beside_bare(&self, ours: &mut Prepared) -> anyhow::Result<(f64, f64)> {
        let (method, size) = (&ours.method, ours.size);
        let ready: bare::Ready = serde_json::from_str(&self.bare.first_line)?;
        let mut theirs = self.callers(ready.port, |_| Ok(Bare { method: method.clone(), size }))?;
        in_turns(self.options.seconds, &mut ours.callers, &mut theirs).await
    }

    /// The row of an endpoint whose goal is a share of what the bare handler does.
    pub async fn endpoint(&self, what: &str, goal: f64, mut ours: Prepared) -> anyhow::Result<Row> {
        let (rate, bare) = self.beside_bare(&mut ours).await?;
        Ok(Row {
            what: what.to_owned(),
            measured: per_second(rate),
            beside: format!("bare handler {}", per_second(bare)),
            share: percent(rate / bare),
            goal: percent(goal),
            is_reached: Some(rate / bare >= goal),
        })
    }
}

/// A running server and the load on one of its endpoints.
pub struct Prepared {
    /// The server.
    pub demo: Demo,
    /// The load.
    pub callers: Callers,
    /// The method of the requests.
    pub method: Method,
    /// The length of a response's body.
    pub size: usize,
}

/// Asks the bare handler.
struct Bare {
    method: Method,
    size: usize,
}

impl Caller for Bare {
    fn next(&mut self) -> anyhow::Result<Request<Body>> {
        let body =
            if self.method == Method::POST { "token=abcdefghijklmnopqrstuvwxyz0123456789" } else { "" };
        let request = Request::builder().method(&self.method).uri(format!("/{}", self.size));
        Ok(request.header(header::HOST, "localhost").body(Body::from(body))?)
    }
}
