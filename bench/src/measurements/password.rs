use super::Bench;
use crate::browser::Browser;
use crate::demo::Described;
use crate::load::source;
use crate::report::{Row, per_second, percent};
use crate::stopwatch::Stopwatch;
use crate::tokens::{Client, SignIn, sign_in};
use anyhow::{bail, ensure};
use futures_util::future::try_join_all;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The goal, as a share of the rate of hashing alone.
const GOAL: f64 = 0.8;
/// The number of simultaneous browsers that keep one core busy with hashing.
const BROWSERS: usize = 4;

/// Whole sign-ins with a password, from `/authorize` to the code, each in a new browser at an address of its
/// own.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    let demo = bench.demo()?;
    let client = Client::of(&demo.described);
    // Consent is stored for the later sign-ins.
    one(&demo.described, &client, 0).await?;
    let (time, number) = (Duration::from_secs(bench.options.seconds * 3), AtomicUsize::new(1));
    let watch = Stopwatch::start();
    let browsers = (0..BROWSERS).map(|_| async {
        while watch.elapsed() < time {
            one(&demo.described, &client, number.fetch_add(1, Ordering::Relaxed)).await?;
        }
        anyhow::Ok(())
    });
    try_join_all(browsers).await?;
    let count = number.load(Ordering::Relaxed) - 1;
    ensure!(count > 0, "not one sign-in was done");
    let rate = count as f64 / watch.elapsed().as_secs_f64();
    let share = rate / bench.raw.argon2id;
    Ok(Row {
        what: "sign-ins with a password".to_owned(),
        measured: per_second(rate),
        beside: format!("raw Argon2id {}", per_second(bench.raw.argon2id)),
        share: percent(share),
        goal: percent(GOAL),
        is_reached: Some(share >= GOAL),
    })
}

async fn one(demo: &Described, client: &Client, number: usize) -> anyhow::Result<()> {
    let mut browser = Browser::open(source(number), &demo.issuer).await?;
    let guest = (demo.guest_username.as_str(), demo.guest_password.as_str());
    match sign_in(&mut browser, demo, client, guest).await? {
        SignIn::Code(_) => Ok(()),
        SignIn::Waiting(page) => bail!("a guest's sign-in waits at {}", page.url.path()),
    }
}
