//! Sends requests to the server: by a call of its endpoint in this process, or over TCP.

use futures_util::{StreamExt, future::BoxFuture, stream::BoxStream};
use http::{Request, Response, Uri, header, uri::Scheme};
use hyper::body::Bytes;
use poem::{
    Addr, Endpoint, RequestParts,
    web::{LocalAddr, RemoteAddr},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The body of a response, read in pieces.
pub type BodyStream = BoxStream<'static, Bytes>;

type Carry = dyn Fn(Request<Bytes>) -> BoxFuture<'static, Response<BodyStream>> + Send + Sync;

/// Sends requests with absolute URLs and returns the responses; never follows a redirect. Clones share the
/// connection.
#[derive(Clone)]
pub struct HttpClient(Arc<Carry>);

impl HttpClient {
    /// Calls `endpoint` in this process, as for a connection from `peer`.
    pub fn in_process<E: Endpoint + 'static>(endpoint: E, peer: SocketAddr) -> Self {
        let endpoint = Arc::new(endpoint);
        Self(Arc::new(move |request| {
            let endpoint = endpoint.clone();
            Box::pin(async move {
                let response = endpoint.get_response(as_received(request, peer)).await;
                let (parts, body) = http::Response::from(response).into_parts();
                let body = poem::Body::from(body).into_bytes_stream();
                let stream = body.map(|piece| piece.expect("the body arrives whole")).boxed();
                Response::from_parts(parts, stream)
            })
        }))
    }

    /// Connects over TCP to the URL's host and port.
    pub fn over_tcp() -> Self {
        Self::by_tcp(vec![])
    }

    /// Connects over TCP to the local `port` for any URL, like a proxy that has chosen this node.
    pub fn over_tcp_to(port: u16) -> Self {
        Self::by_tcp(vec![port])
    }

    /// Connects over TCP to the local `ports` in turn, one request each, like a proxy before several nodes.
    pub fn over_tcp_to_each(ports: Vec<u16>) -> Self {
        Self::by_tcp(ports)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "an actor is outside of the server: its requests need no outbound guard"
    )]
    fn by_tcp(ports: Vec<u16>) -> Self {
        let turn = AtomicUsize::new(0);
        let client = reqwest::Client::builder()
            // A server may have died and come back between two requests.
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client without a proxy");
        Self(Arc::new(move |request| {
            let client = client.clone();
            let port = ports.get(turn.fetch_add(1, Ordering::Relaxed) % ports.len().max(1)).copied();
            Box::pin(async move {
                let mut request = reqwest::Request::try_from(request).expect("an absolute URL");
                if let Some(port) = port {
                    let name = request.url().authority().parse().expect("a host");
                    request.headers_mut().insert(header::HOST, name);
                    request.url_mut().set_ip_host([127, 0, 0, 1].into()).expect("an address");
                    request.url_mut().set_port(Some(port)).expect("a port");
                }
                let response = client.execute(request).await.expect("the server answers");
                let mut answer = Response::builder().status(response.status());
                for (name, value) in response.headers() {
                    answer = answer.header(name, value);
                }
                let pieces = futures_util::stream::unfold(response, |mut response| async {
                    let piece = response.chunk().await.expect("the body arrives whole");
                    piece.map(|piece| (piece, response))
                });
                answer.body(pieces.boxed()).expect("headers that arrived are valid")
            })
        }))
    }

    /// Sends `request` and reads the whole response.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, mut body) = self.open(request).await.into_parts();
        let mut whole = Vec::new();
        while let Some(piece) = body.next().await {
            whole.extend_from_slice(&piece);
        }
        Response::from_parts(parts, whole.into())
    }

    /// Sends `request` and returns when the head of the response has arrived, for streams.
    pub async fn open(&self, request: Request<Bytes>) -> Response<BodyStream> {
        (self.0)(request).await
    }
}

/// The request as it arrives at a server: only the path, and the host in its header.
fn as_received(request: Request<Bytes>, peer: SocketAddr) -> poem::Request {
    let (mut parts, body) = request.into_parts();
    let host = parts.uri.authority().expect("an absolute URL").to_string();
    parts.headers.insert(header::HOST, host.parse().expect("a host"));
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = Uri::try_from(path).expect("a path");
    let here = Addr::SocketAddr(SocketAddr::from(([127, 0, 0, 1], 8080)));
    let remote = RemoteAddr(Addr::SocketAddr(peer));
    let parts = RequestParts::from((parts, LocalAddr(here), remote, Scheme::HTTP));
    poem::Request::from_parts(parts, poem::Body::from_bytes(body))
}

mod tests {
    use super::*;
    use poem::{handler, listener::TcpListener, web::RemoteAddr};

    #[handler]
    fn echo(request: &poem::Request, remote: &RemoteAddr, body: String) -> String {
        let host = request.header("host").unwrap_or_default();
        let peer = remote.as_socket_addr().map(|address| address.ip().to_string()).unwrap_or_default();
        format!("{} {} {host} {peer} {body}", request.method(), request.uri())
    }

    async fn say(http_client: &HttpClient, url: &str) -> String {
        let request = Request::post(url).body(Bytes::from_static(b"hello")).expect("a request");
        let body = http_client.send(request).await.into_body();
        String::from_utf8(body.to_vec()).expect("text")
    }

    #[tokio::test]
    async fn both_ways_bring_the_same_request() {
        let peer = SocketAddr::from(([192, 0, 2, 7], 4711));
        let inside = say(&HttpClient::in_process(echo, peer), "http://localhost:8080/a?b=c").await;
        assert_eq!(inside, "POST /a?b=c localhost:8080 192.0.2.7 hello");

        use poem::listener::{Acceptor, Listener};
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.expect("a free port");
        let address = acceptor.local_addr()[0].to_string();
        let address = address.trim_start_matches("socket://").to_owned();
        let server = tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(echo));
        let outside = say(&HttpClient::over_tcp(), &format!("http://{address}/a?b=c")).await;
        assert_eq!(outside, format!("POST /a?b=c {address} 127.0.0.1 hello"));
        server.abort();
    }
}
