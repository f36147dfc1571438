use super::Bench;
use crate::demo::Described;
use crate::load::{Body, Caller, connect, exchange, source};
use crate::report::Row;
use hyper::{Method, Request, header};

/// The discovery document; goal: 60 % of the bare handler.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    document(bench, "discovery", "/.well-known/openid-configuration").await
}

/// A public document.
pub async fn document(bench: &Bench, what: &str, path: &'static str) -> anyhow::Result<Row> {
    let demo = bench.demo()?;
    let mut reader = Reader { host: demo.described.host(), path };
    let size = size_of_answer(&demo.described, &mut reader).await?;
    let mut readers =
        bench.callers(demo.described.port(), |_| Ok(Reader { host: reader.host.clone(), path }))?;
    bench.endpoint(what, 0.6, &mut readers, (Method::GET, size)).await
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
