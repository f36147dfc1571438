use crate::stopwatch::{Stopwatch, median, pause};
use anyhow::{Context, ensure};
use bytes::Bytes;
use futures_util::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpSocket;

/// The body of every request of this module.
pub type Body = Full<Bytes>;

/// The requests of one connection.
pub trait Caller: Send + 'static {
    /// The next request.
    fn next(&mut self) -> anyhow::Result<Request<Body>>;
    /// Reads the response to the request.
    fn learn(&mut self, _body: &[u8]) -> anyhow::Result<()> {
        Ok(())
    }
}

/// The callers of one measurement and their port.
pub struct Callers {
    /// The port on loopback.
    pub port: u16,
    /// One for each connection.
    pub callers: Vec<Box<dyn Caller>>,
}

/// A source address for each number, so that rate limits per source do not stop the load.
pub fn source(number: usize) -> Ipv4Addr {
    let [_, high, middle, low] = u32::try_from(number).unwrap_or_default().to_be_bytes();
    Ipv4Addr::new(127, high.saturating_add(1), middle, low.max(1))
}

/// A connection from `source` to a port on loopback.
pub async fn connect(source: Ipv4Addr, port: u16) -> anyhow::Result<SendRequest<Body>> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((source, 0)))?;
    let stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Sends one request and reads the whole response.
pub async fn exchange(
    sender: &mut SendRequest<Body>,
    request: Request<Body>,
) -> anyhow::Result<hyper::Response<Bytes>> {
    sender.ready().await?;
    let (parts, body) = sender.send_request(request).await?.into_parts();
    Ok(hyper::Response::from_parts(parts, body.collect().await?.to_bytes()))
}

/// Responses per second of both, each the median of three alternating rounds.
pub async fn in_turns(seconds: u64, first: &mut Callers, second: &mut Callers) -> anyhow::Result<(f64, f64)> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        ours.push(round(seconds, first).await?);
        theirs.push(round(seconds, second).await?);
    }
    Ok((median(ours), median(theirs)))
}

/// Warms up for half a second, then counts for `seconds`.
async fn round(seconds: u64, side: &mut Callers) -> anyhow::Result<f64> {
    Ok(counted_round(Duration::from_secs(seconds), side, || Ok(())).await?.rate)
}

/// What one round counted.
pub struct Counted<T> {
    /// Responses.
    pub answers: u64,
    /// Responses per second.
    pub rate: f64,
    /// What was read when the counting began, and when it ended.
    pub reading: (T, T),
}

/// Warms up for half a second, then counts for `time`; calls `read` before and after the counting.
pub async fn counted_round<T>(
    time: Duration,
    side: &mut Callers,
    read: impl Fn() -> anyhow::Result<T>,
) -> anyhow::Result<Counted<T>> {
    let (answers, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let port = side.port;
    let callers = side.callers.iter_mut().enumerate();
    let load = callers.map(|(number, caller)| ask(port, number, caller.as_mut(), (&answers, &is_over)));
    let count = async {
        pause(Duration::from_millis(500)).await;
        let (watch, before, began) = (Stopwatch::start(), answers.load(Ordering::Relaxed), read()?);
        pause(time).await;
        let (answers, ended) = (answers.load(Ordering::Relaxed) - before, read()?);
        let rate = answers as f64 / watch.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        anyhow::Ok(Counted { answers, rate, reading: (began, ended) })
    };
    Ok(futures_util::future::try_join(try_join_all(load), count).await?.1)
}

async fn ask(
    port: u16,
    number: usize,
    caller: &mut dyn Caller,
    (answers, is_over): (&AtomicU64, &AtomicBool),
) -> anyhow::Result<()> {
    let mut sender = connect(source(number), port).await?;
    while !is_over.load(Ordering::Relaxed) {
        let request = caller.next()?;
        let asked = format!("{} {}", request.method(), request.uri());
        let response = exchange(&mut sender, request).await.with_context(|| asked.clone())?;
        let body = String::from_utf8_lossy(response.body());
        ensure!(response.status() == StatusCode::OK, "{asked} was answered {}: {body}", response.status());
        caller.learn(response.body())?;
        answers.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
