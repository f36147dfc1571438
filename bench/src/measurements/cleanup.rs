use super::Bench;
use crate::backlog::Backlog;
use crate::demo::Described;
use crate::load::{connect, exchange, source};
use crate::report::Row;
use crate::stopwatch::{Stopwatch, pause};
use crate::tokens::{Client, Tokens, guest_tokens, post};
use anyhow::{Context, ensure};
use futures_util::future::{try_join, try_join_all};
use hyper::StatusCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Connections that refresh tokens, each with a family of its own.
const WRITERS: usize = 4;
/// The pause of each connection between two refreshes.
const PAUSE: Duration = Duration::from_millis(5);
/// The time from a server's start to its first clean-up.
const FIRST_ROUND: Duration = Duration::from_secs(60);
/// A refresh that takes longer is counted.
const LONG_MILLISECONDS: u128 = 50;
/// Audit events older than this are part of the backlog.
const RETENTION: &str = "COUNTERSIGN_AUDIT_RETENTION_DAYS=30";

/// The start and the duration of one refresh.
struct Wait {
    begun: Duration,
    took: Duration,
    is_refused: bool,
}

/// Refreshes before and during a long clean-up.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    let database = bench.options.cleanup_database.clone().unwrap_or_else(|| bench.database());
    // Makes the tables, and the rows that the backlog refers to.
    let demo = bench.demo_on(&database)?.described;
    let backlog = Backlog::open(&database).await?;
    let key = if backlog.is_postgres() { backlog.demo_key().await? } else { bench.demo_key()? };
    if !backlog.is_left().await? {
        backlog.fill(bench.options.cleanup_rows).await?;
    }
    let watch = Stopwatch::start();
    let _server = bench.serve_on(&database, &demo, &key, &[RETENTION]).await?;
    let client = Client::of(&demo);
    let mut families = Vec::new();
    for number in 0..WRITERS {
        families.push(guest_tokens(&demo, &client, number).await?);
    }
    let is_over = AtomicBool::new(false);
    let families = families.into_iter().enumerate();
    let writers = families.map(|(number, tokens)| refresh(&demo, &client, (number, tokens), watch, &is_over));
    let end = Duration::from_secs(bench.options.cleanup_seconds);
    let wait = async {
        pause(FIRST_ROUND).await;
        let mut is_left = true;
        while is_left && watch.elapsed() < end {
            pause(Duration::from_secs(1)).await;
            is_left = backlog.is_left().await?;
        }
        is_over.store(true, Ordering::Relaxed);
        anyhow::Ok((is_left, watch.elapsed().saturating_sub(FIRST_ROUND)))
    };
    let (waits, (is_left, took)) = try_join(try_join_all(writers), wait).await?;
    let (during, before): (Vec<Wait>, Vec<Wait>) =
        waits.into_iter().flatten().partition(|wait| wait.begun > FIRST_ROUND);
    let refused = during.iter().filter(|wait| wait.is_refused).count();
    let left = if is_left { "rows are left" } else { "all deleted" };
    Ok(Row {
        what: format!("refresh during a clean-up, {}", database.split(':').next().unwrap_or_default()),
        measured: format!("{}; {refused} refused; {left} after {} s", words(&during), took.as_secs()),
        beside: format!("before it: {}", words(&before)),
        share: String::new(),
        goal: "none refused".to_owned(),
        is_reached: Some(refused == 0),
    })
}

/// Refreshes until the clean-up is finished.
async fn refresh(
    demo: &Described,
    client: &Client,
    (number, mut tokens): (usize, Tokens),
    watch: Stopwatch,
    is_over: &AtomicBool,
) -> anyhow::Result<Vec<Wait>> {
    let mut sender = connect(source(number), demo.port()).await?;
    let mut waits = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh_token.as_str())];
        let request = post(demo, "/token", client, &fields)?;
        let begun = watch.elapsed();
        let response = exchange(&mut sender, request).await?;
        let is_refused = response.status() == StatusCode::SERVICE_UNAVAILABLE;
        waits.push(Wait { begun, took: watch.elapsed().saturating_sub(begun), is_refused });
        if !is_refused {
            let body = String::from_utf8_lossy(response.body());
            ensure!(response.status() == StatusCode::OK, "answered {}: {body}", response.status());
            tokens = serde_json::from_slice(response.body()).context("the token response")?;
        }
        pause(PAUSE).await;
    }
    Ok(waits)
}

/// `median 5 ms, 99 % in 20 ms, longest 40 ms, 0 of 1000 over 50 ms`
fn words(waits: &[Wait]) -> String {
    let mut times: Vec<u128> = waits.iter().map(|wait| wait.took.as_millis()).collect();
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    let long = times.iter().filter(|time| **time > LONG_MILLISECONDS).count();
    format!(
        "median {} ms, 99 % in {} ms, longest {longest} ms, {long} of {} over {LONG_MILLISECONDS} ms",
        at(0.5),
        at(0.99),
        times.len()
    )
}
