use super::{Bench, Prepared, discovery::size_of_answer};
use crate::demo::Described;
use crate::load::{Body, Caller};
use crate::report::Row;
use crate::tokens::{Client, guest_tokens, post};
use anyhow::ensure;
use hyper::{Method, Request};

/// The introspection endpoint, live check included; goal: 20 % of the bare handler.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    bench.endpoint("introspection", 0.2, prepare(bench).await?).await
}

/// The load on the introspection endpoint.
pub async fn prepare(bench: &Bench) -> anyhow::Result<Prepared> {
    let demo = bench.demo()?;
    let client = Client::of(&demo.described);
    let access_token = guest_tokens(&demo.described, &client, 0).await?.access_token;
    let mut resource = Resource { demo: demo.described.clone(), client, access_token };
    let size = size_of_answer(&demo.described, &mut resource).await?;
    let callers = bench.callers(demo.described.port(), |_| Ok(resource.clone()))?;
    Ok(Prepared { demo, callers, method: Method::POST, size })
}

#[derive(Clone)]
struct Resource {
    demo: Described,
    client: Client,
    access_token: String,
}

impl Caller for Resource {
    fn next(&mut self) -> anyhow::Result<Request<Body>> {
        post(&self.demo, "/introspect", &self.client, &[("token", &self.access_token)])
    }

    fn learn(&mut self, body: &[u8]) -> anyhow::Result<()> {
        let is_active = body.windows(13).any(|part| part == b"\"active\":true");
        ensure!(is_active, "the token is not active: {}", String::from_utf8_lossy(body));
        Ok(())
    }
}
