//! One connection: HTTP/1.1 or HTTP/2 with prior knowledge, until it ends, stalls, or the house closes.

use super::{
    listener::ServerSettings,
    stream::WatchedStream,
    watch::{Alarm, InFlight, Watch},
};
use crate::clock::Clock;
use http::{HeaderValue, Method, Request, Response, Uri, header, uri::Scheme};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    service::service_fn,
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

/// Request line and fields together must fit: 8 KiB and 16 KiB, and some room to say which was too long.
const READ_BUFFER_BYTES: usize = 32 * 1024;
/// What [`crate::http::head`] allows for fields, said to HTTP/2 clients in advance.
const HTTP2_FIELDS: u32 = 16 * 1024;
/// Requests at once on one connection of HTTP/2.
const HTTP2_STREAMS: u32 = 128;
/// A silent peer of HTTP/2 is asked this often whether it is there.
const HTTP2_PING: Duration = Duration::from_secs(20);

/// What every connection of a server shares.
pub(super) struct TestServer<E> {
    pub(super) endpoint: E,
    pub(super) settings: Arc<ServerSettings>,
    pub(super) clock: Arc<dyn Clock>,
}

/// Serves `socket` until it ends, is overdue, or `is_closing` turns true and its requests are done.
pub(super) async fn serve<E: Endpoint<Output = poem::Response> + 'static>(
    socket: TcpStream,
    peer: SocketAddr,
    server: Arc<TestServer<E>>,
    mut is_closing: tokio::sync::watch::Receiver<bool>,
) {
    let Ok(local) = socket.local_addr() else { return };
    let watch = Watch::new(Arc::clone(&server.clock), Arc::clone(&server.settings));
    let mut alarm = Alarm::default();
    let mut closing = pin!(is_closing.wait_for(|is_closing| *is_closing));
    let Some(builder) = protocol(&socket, &watch, &mut alarm, closing.as_mut()).await else { return };
    let stream = TokioIo::new(WatchedStream::new(socket, Arc::clone(&watch)));
    let on_request = Arc::clone(&watch);
    let service = service_fn(move |request: Request<Incoming>| {
        let in_flight = on_request.begin(request.version());
        let (server, watch) = (Arc::clone(&server), Arc::clone(&on_request));
        async move {
            let request =
                (in_origin_form(request), LocalAddr(local.into()), RemoteAddr(peer.into()), Scheme::HTTP);
            // Boxed, so that an answer that goes on for minutes holds its body and nothing else.
            let response = Box::pin(server.endpoint.get_response(request.into())).await;
            Ok::<_, Infallible>(finished(response, in_flight, &watch))
        }
    });
    let mut connection = pin!(builder.serve_connection(stream, service));
    let mut was_told = false;
    poll_fn(|context| {
        if !was_told && closing.as_mut().poll(context).is_ready() {
            was_told = true;
            connection.as_mut().graceful_shutdown();
        }
        match connection.as_mut().poll(context) {
            Poll::Ready(Err(error)) => tracing::debug!(%peer, %error, "a connection ended early"),
            Poll::Ready(Ok(())) => {}
            Poll::Pending => return alarm.poll(&watch, context),
        }
        Poll::Ready(())
    })
    .await;
}

/// The protocol of the first bytes, which stay unread. A connection that is known to speak one needs half the memory of
/// one that might speak either. `None` when the first bytes did not come in time, or the house closes.
async fn protocol(
    socket: &TcpStream,
    watch: &Watch,
    alarm: &mut Alarm,
    mut closing: Pin<&mut impl Future>,
) -> Option<auto::Builder<TokioExecutor>> {
    let mut first = [0; 3];
    let mut first = tokio::io::ReadBuf::new(&mut first);
    poll_fn(|context| match socket.poll_peek(context, &mut first) {
        Poll::Ready(peeked) => Poll::Ready(peeked.ok()),
        Poll::Pending if closing.as_mut().poll(context).is_ready() => Poll::Ready(None),
        Poll::Pending => alarm.poll(watch, context).map(|()| None),
    })
    .await?;
    // Only the preface of HTTP/2 begins so (RFC 9113 §3.4), and its senders send it whole.
    Some(if first.filled() == b"PRI" { protocols().http2_only() } else { protocols().http1_only() })
}

/// HTTP/1.1 and HTTP/2 with their bounds. The deadlines are the watch's.
fn protocols() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(READ_BUFFER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HTTP2_FIELDS)
        .max_concurrent_streams(HTTP2_STREAMS)
        .keep_alive_interval(HTTP2_PING)
        .keep_alive_timeout(HTTP2_PING);
    builder
}

/// The request without scheme and authority: neither says where this server is (RFC 9112 §3.2.2). A host alone is no
/// place for any method but CONNECT, and stays to be refused.
fn in_origin_form(mut request: Request<Incoming>) -> Request<Incoming> {
    let is_place = request.uri().scheme().is_some() || *request.method() == Method::CONNECT;
    if request.uri().authority().is_some() && is_place {
        let path_and_query = request.uri().path_and_query().cloned();
        *request.uri_mut() = path_and_query.map_or_else(|| Uri::from_static("/"), Uri::from);
    }
    request
}

/// poem's response for hyper: it keeps its request in flight until its body has been handed over.
fn finished(
    response: poem::Response,
    in_flight: InFlight,
    watch: &Watch,
) -> Response<Counted<impl Body<Data = hyper::body::Bytes, Error = std::io::Error> + Unpin + 'static + use<>>>
{
    let mut response = Response::from(response);
    if watch.is_last_request() && response.version() != http::Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.map(|body| Counted { body, _in_flight: in_flight })
}

/// A body whose end the watch learns.
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
