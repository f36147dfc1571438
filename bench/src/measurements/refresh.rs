use super::Bench;
use crate::demo::Described;
use crate::load::{Body, Caller};
use crate::report::{Row, per_second, percent};
use crate::tokens::{Client, Tokens, guest_tokens, post};
use anyhow::Context;
use hyper::{Method, Request};

/// The goal, a second.
const GOAL: f64 = 1000.0;

/// Refresh with rotation and a durable commit, each connection with a family of tokens of its own.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    let demo = bench.demo()?;
    let (client, algorithm) = client_with_es256(&demo.described).await?;
    let mut families = Vec::new();
    for number in 0..bench.options.connections {
        families.push(guest_tokens(&demo.described, &client, number).await?);
    }
    let size =
        families.first().map_or(0, |tokens| tokens.id_token.len() + tokens.access_token.len() * 2 + 100);
    let mut families = families.into_iter();
    let mut holders = bench.callers(demo.described.port(), |_| {
        let refresh_token = families.next().context("one family for each connection")?.refresh_token;
        Ok(Holder { demo: demo.described.clone(), client: client.clone(), refresh_token })
    })?;
    let (rate, bare) = bench.beside_bare(&mut holders, Method::POST, size).await?;
    let raw = if algorithm == "ES256" { bench.raw.es256 } else { bench.raw.rs256 };
    Ok(Row {
        what: format!("refresh, {algorithm}, rotation, durable"),
        measured: per_second(rate),
        beside: format!("bare handler {}, raw signature {}", per_second(bare), per_second(raw)),
        share: percent(rate / bare),
        goal: per_second(GOAL),
        is_reached: (algorithm == "ES256").then_some(rate >= GOAL),
    })
}

/// The client whose ID tokens are signed with ES256; the first one, with what it has, when there is none.
async fn client_with_es256(demo: &Described) -> anyhow::Result<(Client, String)> {
    let mut found = Vec::new();
    for client in Client::all(demo) {
        let algorithm = guest_tokens(demo, &client, 0).await?.algorithm()?;
        found.push((client, algorithm));
    }
    let position = found.iter().position(|(_, algorithm)| algorithm == "ES256").unwrap_or_default();
    Ok(found.swap_remove(position))
}

struct Holder {
    demo: Described,
    client: Client,
    refresh_token: String,
}

impl Caller for Holder {
    fn next(&mut self) -> anyhow::Result<Request<Body>> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", self.refresh_token.as_str())];
        post(&self.demo, "/token", &self.client, &fields)
    }

    fn learn(&mut self, body: &[u8]) -> anyhow::Result<()> {
        self.refresh_token = serde_json::from_slice::<Tokens>(body)?.refresh_token;
        Ok(())
    }
}
