use super::Bench;
use crate::browser::{Browser, Page};
use crate::demo::Described;
use crate::load::source;
use crate::processes::open_files;
use crate::report::Row;
use crate::stopwatch::pause;
use crate::tokens::{Client, SignIn, sign_in};
use anyhow::{bail, ensure};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use http_body_util::BodyExt;
use hyper::{Response, body::Incoming};
use std::time::Duration;

/// The goal: memory for ten thousand.
const GOAL_BYTES: f64 = 300.0 * 1024.0 * 1024.0;
/// The goal, in sign-ins.
const GOAL_HELD: usize = 10_000;

/// The number of streams that are opened at once.
const OPENING: usize = 100;
/// The number of files that a process opens besides one connection for each waiting sign-in.
const SPARE_FILES: usize = 200;

/// Sign-ins that wait for a phone, each with its stream of events open, at most a hundred from one address.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    let (wanted, allowed) = (bench.options.waiting, open_files()?);
    ensure!(
        wanted + SPARE_FILES <= allowed,
        "a process may open {allowed} files here, too few for {wanted} waiting sign-ins: raise the hard limit \
         (ulimit -Hn), or ask for fewer with --waiting"
    );
    let demo = bench.demo()?;
    let client = Client::of(&demo.described);
    // One sign-in first, so that its initialization does not count.
    let mut waiting = vec![wait(&demo.described, &client, 0).await?];
    let before = demo.process.memory_kib("VmRSS")?;
    for number in 1..=wanted {
        waiting.push(wait(&demo.described, &client, number).await?);
    }
    // Last and many at a time, because a stream is closed after a minute, and a browser opens the next.
    let opening = stream::iter(waiting).map(|(mut browser, page)| async move {
        browser.reconnect().await?;
        browser.listen(&page).await
    });
    let mut streams: Vec<_> = opening.buffer_unordered(OPENING).try_collect().await?;
    pause(Duration::from_secs(2)).await;
    let after = demo.process.memory_kib("VmRSS")?;
    let grown = (after.saturating_sub(before) * 1024) as f64;
    let held = streams.iter_mut().filter_map(|stream| is_open(stream).then_some(())).count() - 1;
    Ok(Row {
        what: "waiting sign-ins held".to_owned(),
        measured: format!("{held} in {:.0} MiB", after as f64 / 1024.0),
        beside: format!("{:.0} bytes each", grown / held.max(1) as f64),
        goal: format!("{GOAL_HELD} in {:.0} MiB", GOAL_BYTES / 1024.0 / 1024.0),
        is_reached: Some(held >= GOAL_HELD && (after * 1024) as f64 <= GOAL_BYTES),
        ..Row::default()
    })
}

async fn wait(demo: &Described, client: &Client, number: usize) -> anyhow::Result<(Browser, Page)> {
    let mut browser = Browser::open(source(number / 100), &demo.issuer).await?;
    let person = (demo.username.as_str(), demo.password.as_str());
    match sign_in(&mut browser, demo, client, person).await? {
        SignIn::Waiting(page) => Ok((browser, page)),
        SignIn::Code(_) => bail!("{} signed in without a phone", demo.username),
    }
}

/// Reads the received events; returns whether the stream is still open.
fn is_open(stream: &mut Response<Incoming>) -> bool {
    loop {
        match stream.body_mut().frame().now_or_never() {
            None => return true,
            Some(Some(Ok(_))) => {}
            Some(_) => return false,
        }
    }
}
