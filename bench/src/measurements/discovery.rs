use super::{Bench, Prepared};
use crate::demo::Described;
use crate::load::{Body, Caller, connect, exchange, source};
use crate::report::Row;
use hyper::{Method, Request, header};

/// The discovery document; goal: 60 % of the bare handler.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    bench.endpoint("discovery", 0.6, prepare(bench).await?).await
}

/// The load on the discovery document.
pub async fn prepare(bench: &Bench) -> anyhow::Result<Prepared> {
    document(bench, "/.well-known/openid-configuration").await
}

/// A public document.
pub async fn document(bench: &Bench, path: &'static str) -> anyhow::Result<Prepared> {
    let demo = bench.demo()?;
    let mut reader = Reader { host: demo.described.host(), path };
    let size = size_of_answer(&demo.described, &mut reader).await?;
    let callers = bench.callers(demo.described.port(), |_| Ok(Reader { host: reader.host.clone(), path }))?;
    Ok(Prepared { demo, callers, method: Method::GET, size })
}

/// The length of the response to a caller's request.
pub async fn size_of_answer(demo: &Described, caller: &mut dyn Caller) -> anyhow::Result<usize> {
    let mut sender = connect(source(0), demo.port()).await?;
    Ok(exchange(&mut sender, caller.next()?).await?.body().len())
}

struct Reader {
    host: String,
    path: &'static str,
}

impl Caller for Reader {
    fn next(&mut self) -> anyhow::Result<Request<Body>> {
        Ok(Request::builder().uri(self.path).header(header::HOST, &self.host).body(Body::default())?)
    }
}
