use super::{Bench, Prepared};
use crate::demo::Described;
use crate::load::{Body, Caller};
use crate::report::{Row, per_second, percent};
use crate::tokens::{Client, Tokens, guest_tokens, post};
use anyhow::{Context, ensure};
use hyper::{Method, Request};

/// The goal per second.
const GOAL: f64 = 1000.0;

/// Refresh with rotation and a durable commit, each connection with a family of tokens of its own.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    let (rate, bare) = bench.beside_bare(&mut prepare(bench).await?).await?;
    Ok(Row {
        what: "refresh, ES256, rotation, durable".to_owned(),
        measured: per_second(rate),
        beside: format!("bare handler {}, raw signature {}", per_second(bare), per_second(bench.raw.es256)),
        share: percent(rate / bare),
        goal: per_second(GOAL),
        is_reached: Some(rate >= GOAL),
    })
}

/// The load of refreshes.
pub async fn prepare(bench: &Bench) -> anyhow::Result<Prepared> {
    let demo = bench.demo()?;
    let client = bench.client_with_es256()?;
    let mut families = Vec::new();
    for number in 0..bench.options.connections {
        families.push(guest_tokens(&demo.described, &client, number).await?);
    }
    let algorithm = families.first().context("a family")?.algorithm()?;
    ensure!(algorithm == "ES256", "the ID token was signed with {algorithm}");
    let size =
        families.first().map_or(0, |tokens| tokens.id_token.len() + tokens.access_token.len() * 2 + 100);
    let mut families = families.into_iter();
    let callers = bench.callers(demo.described.port(), |_| {
        let refresh_token = families.next().context("one family for each connection")?.refresh_token;
        Ok(Holder { demo: demo.described.clone(), client: client.clone(), refresh_token })
    })?;
    Ok(Prepared { demo, callers, method: Method::POST, size })
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
