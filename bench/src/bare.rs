use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::Path;
use poem::{IntoResponse, Response, Route, Server, get, handler};
use serde::{Deserialize, Serialize};

/// The line the bare handler prints when it is ready.
#[derive(Deserialize, Serialize)]
pub struct Ready {
    /// The port on loopback.
    pub port: u16,
}

#[handler]
fn bytes(Path(size): Path<usize>) -> Response {
    "x".repeat(size).with_content_type("application/json").into_response()
}

/// Reads the form, like every endpoint that takes one.
#[handler]
fn form(_body: Vec<u8>, Path(size): Path<usize>) -> Response {
    "x".repeat(size).with_content_type("application/json").into_response()
}

/// Serves until it is killed.
#[expect(clippy::print_stdout, reason = "the line that says it is ready")]
pub async fn run() -> anyhow::Result<()> {
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
    let address = acceptor.local_addr().into_iter().find_map(|address| address.as_socket_addr().copied());
    let port = address.map(|address| address.port()).unwrap_or_default();
    println!("{}", serde_json::to_string(&Ready { port })?);
    let routes = Route::new().at("/:size", get(bytes).post(form));
    Ok(Server::new_with_acceptor(acceptor).run(routes).await?)
}
