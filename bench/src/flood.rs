use crate::browser::{Arrival, Browser, Page};
use crate::load::source;
use crate::stopwatch::pause;
use crate::tokens::authorization_request;
use anyhow::bail;
use futures_util::future::join_all;
use std::net::Ipv4Addr;
use std::time::Duration;
use url::Url;

/// The source, as the trusted proxy reports it.
const SOURCE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 66);
/// The pause after a connection was refused or closed.
const PAUSE: Duration = Duration::from_millis(50);

/// What is flooded.
#[derive(Clone, clap::Args)]
pub struct Target {
    /// The issuer.
    issuer: Url,
    /// A client of it.
    client_id: String,
    /// The number of connections.
    connections: usize,
}

/// Sends forms at full speed until the process is killed; half of the connections send names, each of which begins a
/// sign-in, and half wrong passwords.
#[expect(clippy::print_stdout, reason = "the line says that it has begun")]
pub async fn run(target: Target) -> anyhow::Result<()> {
    println!("flooding");
    join_all((0..target.connections).map(|number| flood(&target, number))).await;
    Ok(())
}

async fn flood(target: &Target, number: usize) {
    loop {
        // The server may close a connection, or answer the first page with 429: begin again.
        let _ = one_connection(target, number).await;
        pause(PAUSE).await;
    }
}

async fn one_connection(target: &Target, number: usize) -> anyhow::Result<()> {
    let mut browser = Browser::open(source(number), &target.issuer).await?.forwarded_for(SOURCE);
    let page = page(browser.go(authorization_request(&target.issuer, &target.client_id)?).await?)?;
    let name = format!("somebody{number}");
    if number.is_multiple_of(2) {
        loop {
            browser.submit_once(&page, &[("username", &name)]).await?;
        }
    }
    let page = self::page(browser.submit(&page, &[("username", &name)]).await?)?;
    loop {
        browser.submit_once(&page, &[("password", "not the password")]).await?;
    }
}

fn page(arrival: Arrival) -> anyhow::Result<Page> {
    match arrival {
        Arrival::Page(page) => Ok(page),
        Arrival::Away(url) => bail!("the sign-in has ended at {url}"),
    }
}
