use super::Bench;
use crate::browser::Browser;
use crate::demo::Described;
use crate::load::source;
use crate::processes::Pinned;
use crate::report::{Row, percent};
use crate::stopwatch::{Stopwatch, pause};
use crate::tokens::{Client, SignIn, sign_in};
use anyhow::{bail, ensure};
use std::net::Ipv4Addr;
use std::time::Duration;

/// The connections of the source that floods.
const CONNECTIONS: usize = 128;
/// Rounds of each kind, in turn.
const ROUNDS: usize = 4;
/// From the beginning of one sign-in to that of the next one.
const EVERY: Duration = Duration::from_millis(500);
/// The time in which the flood uses up its limits before a round is measured.
const WARM_UP: Duration = Duration::from_secs(3);
/// The network of the people who sign in, as the trusted proxy reports it.
const OFFICE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
/// The goal: the flood takes half of the core, and the sign-in waits in its turn.
const GOAL: f64 = 4.0;

/// The times of sign-ins with a password from one source, alone and while another source sends names and wrong passwords
/// at full speed, in interleaved rounds.
pub async fn measure(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let demo = bench.demo()?;
    let (described, client) = (demo.described.clone(), Client::of(&demo.described));
    let key = bench.demo_key()?;
    drop(demo);
    let trusted = ["COUNTERSIGN_TRUSTED_PROXIES=127.0.0.0/8"];
    let _server = bench.serve_on(&bench.database(), &described, &key, &trusted).await?;
    // Consent is stored for the later sign-ins.
    one(&described, &client).await?;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.extend(round(bench, &described, &client).await?);
        let flood = begin_flood(bench, &described)?;
        pause(WARM_UP).await;
        beside.extend(round(bench, &described, &client).await?);
        drop(flood);
        pause(WARM_UP).await;
    }
    Ok([("median", 0.5), ("95 %", 0.95)]
        .map(|(name, share)| row(name, at(&alone, share), at(&beside, share)))
        .into())
}

fn row(name: &str, alone: f64, beside: f64) -> Row {
    let ratio = beside / alone;
    Row {
        what: format!("sign-in beside a flood, {name}"),
        measured: format!("{beside:.0} ms"),
        beside: format!("alone {alone:.0} ms"),
        share: percent(ratio),
        goal: percent(GOAL),
        is_reached: Some(ratio <= GOAL),
    }
}

fn begin_flood(bench: &Bench, demo: &Described) -> anyhow::Result<Pinned> {
    let own = std::env::current_exe()?;
    let (issuer, connections) = (demo.issuer.to_string(), CONNECTIONS.to_string());
    let arguments = ["flood-source", &issuer, &demo.client_id, &connections];
    Pinned::start(bench.options.load_core, &own, &arguments, &bench.folder().join("flood.log"))
}

/// The milliseconds of each sign-in of one round.
async fn round(bench: &Bench, demo: &Described, client: &Client) -> anyhow::Result<Vec<f64>> {
    let (whole, mut times) = (Stopwatch::start(), Vec::new());
    while whole.elapsed() < Duration::from_secs(bench.options.seconds * 3) {
        let watch = Stopwatch::start();
        one(demo, client).await?;
        let took = watch.elapsed();
        times.push(took.as_secs_f64() * 1000.0);
        pause(EVERY.saturating_sub(took)).await;
    }
    ensure!(!times.is_empty(), "not one sign-in was done");
    Ok(times)
}

async fn one(demo: &Described, client: &Client) -> anyhow::Result<()> {
    let mut browser = Browser::open(source(0), &demo.issuer).await?.forwarded_for(OFFICE);
    let guest = (demo.guest_username.as_str(), demo.guest_password.as_str());
    match sign_in(&mut browser, demo, client, guest).await? {
        SignIn::Code(_) => Ok(()),
        SignIn::Waiting(page) => bail!("a guest's sign-in waits at {}", page.url.path()),
    }
}

/// The time below which this share of the sign-ins was.
fn at(times: &[f64], share: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    let position = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(position).copied().unwrap_or_default()
}
