//! One connection: HTTP/1.1 or HTTP/2 with prior knowledge, until it ends, stalls, or the server shuts down.

use super::{
    refusal::Refusals,
    request_head::MAX_HEAD_BYTES,
    settings::ServerSettings,
    stream::WatchedStream,
    watch::{Alarm, InFlight, Watch},
};
use crate::{clock::Clock, entropy::Entropy};
use http::{HeaderValue, Method, Request, Response, Uri, header, uri::Scheme};
use hyper::{
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use poem::{
    Endpoint,
    web::{LocalAddr, RemoteAddr},
};
use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::net::TcpStream;

/// The header limit of [`crate::http::head`], announced to HTTP/2 clients.
const HTTP2_FIELDS: u32 = 16 * 1024;
/// The maximum number of concurrent requests on an HTTP/2 connection.
const HTTP2_STREAMS: u32 = 128;
/// The interval at which a silent HTTP/2 peer is pinged.
const HTTP2_PING: Duration = Duration::from_secs(20);

/// The values that all connections of a server share.
pub(super) struct ServerContext<E> {
    pub(super) endpoint: E,
    pub(super) settings: Arc<ServerSettings>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// The protocol of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// Serves `socket` until it ends, exceeds a deadline, or `is_closing` turns true and its requests are done.
pub(super) async fn serve<E: Endpoint<Output = poem::Response> + 'static>(
    socket: TcpStream,
    peer: SocketAddr,
    server: Arc<ServerContext<E>>,
    mut is_closing: tokio::sync::watch::Receiver<bool>,
) {
    let Ok(local) = socket.local_addr() else { return };
    let watch = Watch::new(Arc::clone(&server.clock), Arc::clone(&server.settings));
    let mut alarm = Alarm::default();
    let mut closing = pin!(is_closing.wait_for(|is_closing| *is_closing));
    let Some(protocol) = protocol(&socket, &watch, &mut alarm, closing.as_mut()).await else { return };
    let refusals = (protocol == Protocol::Http1).then(|| server.refusals(peer));
    let stream = TokioIo::new(WatchedStream::new(socket, Arc::clone(&watch), refusals));
    let builder = protocol.builder();
    let mut connection =
        pin!(builder.serve_connection(stream, service(server, local, peer, Arc::clone(&watch))));
    let mut was_notified = false;
    poll_fn(|context| {
        loop {
            if !watch.is_closing() && closing.as_mut().poll(context).is_ready() {
                watch.close();
            }
            // hyper does not see a head that arrives in parts, and would close the connection as idle.
            let may_notify = |watch: &Watch| {
                watch.is_closing() && (protocol == Protocol::Http2 || !watch.is_receiving_head())
            };
            if !was_notified && may_notify(&watch) {
                was_notified = true;
                connection.as_mut().graceful_shutdown();
            }
            match connection.as_mut().poll(context) {
                Poll::Ready(Err(error)) => tracing::debug!(%peer, %error, "a connection ended early"),
                Poll::Ready(Ok(())) => {}
                Poll::Pending if !was_notified && may_notify(&watch) => continue,
                Poll::Pending => return alarm.poll(&watch, context),
            }
            return Poll::Ready(());
        }
    })
    .await;
}

impl<E> ServerContext<E> {
    /// Returns the writer of the refusals of a connection with `peer`.
    pub(super) fn refusals(&self, peer: SocketAddr) -> Refusals {
        Refusals {
            entropy: Arc::clone(&self.entropy),
            security_headers: self.settings.security_headers,
            peer: peer.ip(),
        }
    }
}

/// Returns the service that passes the requests of a connection to the endpoint.
pub(super) fn service<E: Endpoint<Output = poem::Response> + 'static>(
    server: Arc<ServerContext<E>>,
    local: SocketAddr,
    peer: SocketAddr,
    watch: Arc<Watch>,
) -> impl Service<
    Request<Incoming>,
    Response = Response<impl Body<Data = Bytes, Error = std::io::Error> + Send + 'static>,
    Error = Infallible,
    Future: Send + 'static,
> {
    service_fn(move |request: Request<Incoming>| {
        let in_flight = watch.begin(request.version());
        // The end of a body in chunks is left to hyper, so no request may follow it.
        let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
        let is_http1 = request.version() <= http::Version::HTTP_11;
        let (server, watch) = (Arc::clone(&server), Arc::clone(&watch));
        async move {
            let request =
                (in_origin_form(request), LocalAddr(local.into()), RemoteAddr(peer.into()), Scheme::HTTP);
            // Boxed, so that a response that streams for minutes holds its body only.
            let response = Box::pin(server.endpoint.get_response(request.into())).await;
            let is_last = is_http1 && (is_chunked || watch.is_closing());
            Ok::<_, Infallible>(finished(response, in_flight, is_last))
        }
    })
}

/// Chooses the protocol by the first bytes, without consuming them. A connection that is limited to one
/// protocol needs half the memory of one that could switch. `None` when the first bytes do not arrive in time
/// or the server shuts down.
async fn protocol(
    socket: &TcpStream,
    watch: &Watch,
    alarm: &mut Alarm,
    mut closing: Pin<&mut impl Future>,
) -> Option<Protocol> {
    let mut first = [0; 3];
    let mut first = tokio::io::ReadBuf::new(&mut first);
    poll_fn(|context| match socket.poll_peek(context, &mut first) {
        Poll::Ready(peeked) => Poll::Ready(peeked.ok()),
        Poll::Pending if closing.as_mut().poll(context).is_ready() => Poll::Ready(None),
        Poll::Pending => alarm.poll(watch, context).map(|()| None),
    })
    .await?;
    // Only the preface of HTTP/2 begins so (RFC 9113 §3.4), and clients send it in one piece.
    Some(if first.filled() == b"PRI" { Protocol::Http2 } else { Protocol::Http1 })
}

impl Protocol {
    /// Configures the protocol with its limits.
    pub(super) fn builder(self) -> auto::Builder<TokioExecutor> {
        match self {
            Self::Http1 => protocols().http1_only(),
            Self::Http2 => protocols().http2_only(),
        }
    }
}

/// Configures HTTP/1.1 and HTTP/2 with their limits. `watch` implements the deadlines.
fn protocols() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(MAX_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HTTP2_FIELDS)
        .max_concurrent_streams(HTTP2_STREAMS)
        .keep_alive_interval(HTTP2_PING)
        .keep_alive_timeout(HTTP2_PING);
    builder
}

/// Removes scheme and authority from the request target, because neither identifies this server (RFC 9112
/// §3.2.2). An authority alone is valid for CONNECT only; otherwise it stays, so that `head` refuses it.
fn in_origin_form(mut request: Request<Incoming>) -> Request<Incoming> {
    let is_place = request.uri().scheme().is_some() || *request.method() == Method::CONNECT;
    if request.uri().authority().is_some() && is_place {
        let path_and_query = request.uri().path_and_query().cloned();
        *request.uri_mut() = path_and_query.map_or_else(|| Uri::from_static("/"), Uri::from);
    }
    request
}

/// Converts poem's response for hyper, with `Connection: close` if it is the last of an HTTP/1 connection;
/// the request counts as in flight until the response's body is handed over.
fn finished(
    response: poem::Response,
    in_flight: InFlight,
    is_last: bool,
) -> Response<Counted<impl Body<Data = Bytes, Error = std::io::Error> + Unpin + 'static + use<>>> {
    let mut response = Response::from(response);
    if is_last {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.map(|body| Counted { body, _in_flight: in_flight })
}

/// A body that reports its end to the watch by being dropped.
struct Counted<B> {
    body: B,
    _in_flight: InFlight,
}

impl<B: Body + Unpin> Body for Counted<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
