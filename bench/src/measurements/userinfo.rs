use super::{Bench, Prepared, discovery::size_of_answer};
use crate::load::{Body, Caller};
use crate::report::Row;
use crate::tokens::{Client, guest_tokens};
use hyper::{Method, Request, header};

/// The userinfo endpoint, which checks the token for revocation at each request; goal: 20 % of the bare
/// handler.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    bench.endpoint("userinfo", 0.2, prepare(bench).await?).await
}

/// The load on the userinfo endpoint.
pub async fn prepare(bench: &Bench) -> anyhow::Result<Prepared> {
    let demo = bench.demo()?;
    let client = Client::of(&demo.described);
    let tokens = guest_tokens(&demo.described, &client, 0).await?;
    let mut bearer =
        Bearer { host: demo.described.host(), authorization: format!("Bearer {}", tokens.access_token) };
    let size = size_of_answer(&demo.described, &mut bearer).await?;
    let callers = bench.callers(demo.described.port(), |_| Ok(bearer.clone()))?;
    Ok(Prepared { demo, callers, method: Method::GET, size })
}

#[derive(Clone)]
struct Bearer {
    host: String,
    authorization: String,
}

impl Caller for Bearer {
    fn next(&mut self) -> anyhow::Result<Request<Body>> {
        let request = Request::builder().uri("/userinfo").header(header::HOST, &self.host);
        Ok(request.header(header::AUTHORIZATION, &self.authorization).body(Body::default())?)
    }
}
