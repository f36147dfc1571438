//! One connection in memory: production's stream, hyper with production's settings, and an endpoint that
//! records.

use super::corpus::Case;
use crate::{
    clock::{Clock, SystemClock},
    entropy::SystemEntropy,
    http::server::{
        ServerSettings,
        connection::{Protocol, ServerContext, service},
        stream::WatchedStream,
        watch::Watch,
    },
};
use futures_util::StreamExt;
use http::{HeaderMap, Method, StatusCode, Uri, Version};
use hyper_util::rt::TokioIo;
use poem::{Endpoint, Request, Response};
use std::{
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A request as the endpoint received it.
#[derive(Clone, Debug)]
pub(super) struct SeenRequest {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Whether the body ended as its framing says.
    pub(super) is_whole: bool,
}

/// The requests and the responses of a connection.
pub(super) struct Served {
    pub(super) requests: Vec<SeenRequest>,
    pub(super) output: Vec<u8>,
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<SeenRequest>>>);

impl Endpoint for Recorder {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let index = {
            let mut seen = self.0.lock().unwrap();
            seen.push(SeenRequest {
                method: request.method().clone(),
                uri: request.uri().clone(),
                version: request.version(),
                headers: request.headers().clone(),
                body: Vec::new(),
                is_whole: false,
            });
            seen.len() - 1
        };
        let mut body = request.take_body().into_bytes_stream();
        while let Some(part) = body.next().await {
            let Ok(part) = part else { return Ok(StatusCode::BAD_REQUEST.into()) };
            self.0.lock().unwrap()[index].body.extend_from_slice(&part);
        }
        self.0.lock().unwrap()[index].is_whole = true;
        // Success would turn the connection into a tunnel.
        let is_tunnel = *request.method() == Method::CONNECT;
        let status = if is_tunnel { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::OK };
        Ok(Response::builder().status(status).body("ok"))
    }
}

/// A socket that gives the input in parts and keeps the output.
#[derive(Clone)]
struct ScriptedSocket(Arc<Mutex<Script>>);

struct Script {
    case: Case,
    read: usize,
    turns: usize,
    is_ended: bool,
    output: Vec<u8>,
}

impl Script {
    /// Returns the size of the next part; `None` every second time.
    fn next_size(&mut self, context: &Context<'_>) -> Option<usize> {
        self.turns += 1;
        if self.turns.is_multiple_of(2) {
            context.waker().wake_by_ref();
            return None;
        }
        Some(self.case.sizes[self.turns / 2 % self.case.sizes.len()])
    }
}

impl AsyncRead for ScriptedSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut script = self.0.lock().unwrap();
        if script.read == script.case.input.len() {
            return if script.is_ended { Poll::Ready(Ok(())) } else { Poll::Pending };
        }
        let Some(size) = script.next_size(context) else { return Poll::Pending };
        let end = (script.read + size.min(buffer.remaining())).min(script.case.input.len());
        buffer.put_slice(&script.case.input[script.read..end]);
        script.read = end;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ScriptedSocket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut script = self.0.lock().unwrap();
        let Some(size) = script.next_size(context) else { return Poll::Pending };
        let count = bytes.len().min(size.max(50));
        script.output.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// Serves a connection that receives `case` and then ends; without the filter if not `is_filtered`.
pub(super) fn served(case: &Case, is_filtered: bool) -> Result<Served, String> {
    let recorder = Recorder::default();
    let script = Script { case: case.clone(), read: 0, turns: 0, is_ended: false, output: Vec::new() };
    let socket = ScriptedSocket(Arc::new(Mutex::new(script)));
    let address: SocketAddr = ([127, 0, 0, 1], 1).into();
    let (clock, settings): (Arc<dyn Clock>, _) = (Arc::new(SystemClock), Arc::default());
    let watch = Watch::new(Arc::clone(&clock), Arc::<ServerSettings>::clone(&settings));
    let server =
        ServerContext { endpoint: recorder.clone(), settings, clock, entropy: Arc::new(SystemEntropy) };
    let refusals = is_filtered.then(|| server.refusals(address));
    let stream = TokioIo::new(WatchedStream::new(socket.clone(), Arc::clone(&watch), refusals));
    let builder = Protocol::Http1.builder();
    let service = service(Arc::new(server), address, address, watch);
    let mut connection = pin!(builder.serve_connection(stream, service));

    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut context = Context::from_waker(&waker);
    for _ in 0..10_000_000 {
        flag.0.store(false, SeqCst);
        if connection.as_mut().poll(&mut context).is_ready() {
            let requests = recorder.0.lock().unwrap().clone();
            let output = socket.0.lock().unwrap().output.clone();
            return Ok(Served { requests, output });
        }
        if !flag.0.load(SeqCst) {
            let mut script = socket.0.lock().unwrap();
            if script.is_ended {
                return Err("the connection neither continues nor ends".to_owned());
            }
            script.is_ended = true;
        }
    }
    Err("the connection never ends".to_owned())
}
