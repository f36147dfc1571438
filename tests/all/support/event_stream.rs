//! A stream of server-sent events, read one at a time (HTML, "server-sent events").

use super::http_client::BodyStream;
use futures_util::StreamExt;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSentEvent {
    /// Its `event`; `message` when the server names none.
    pub event: String,
    /// Its `data`, lines joined.
    pub data: String,
    /// Its `id`, which a browser repeats as `Last-Event-ID`.
    pub id: Option<String>,
}

/// An open stream.
pub struct EventStream {
    body: BodyStream,
    received: String,
}

impl EventStream {
    /// Reads events from a body.
    pub fn new(body: BodyStream) -> Self {
        Self { body, received: String::new() }
    }

    /// Reads the next event and skips comments; `None` when the server has closed the stream.
    pub async fn next(&mut self) -> Option<ServerSentEvent> {
        loop {
            while let Some((block, rest)) = self.received.split_once("\n\n") {
                let event = parse(block);
                self.received = rest.to_owned();
                if event.is_some() {
                    return event;
                }
            }
            let piece = self.body.next().await?;
            self.received.push_str(&String::from_utf8_lossy(&piece).replace("\r\n", "\n"));
        }
    }
}

fn parse(block: &str) -> Option<ServerSentEvent> {
    let mut event = ServerSentEvent { event: "message".to_owned(), ..Default::default() };
    let mut data = Vec::new();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut event.event),
            "data" => data.push(value),
            "id" => event.id = Some(value.to_owned()),
            _ => {}
        }
    }
    event.data = data.join("\n");
    (!data.is_empty()).then_some(event)
}

mod tests {
    use super::*;
    use hyper::body::Bytes;

    #[tokio::test]
    async fn events_are_read_across_pieces_and_comments_are_passed_over() {
        let pieces = [
            "retry: 1000\n\nevent: state\nid: 3\nda",
            "ta: {\"v\":3}\n\n: alive\n\n",
            "data: a\ndata: b\n\n",
        ];
        let body = futures_util::stream::iter(pieces.map(Bytes::from)).boxed();
        let mut stream = EventStream::new(body);
        let first = stream.next().await.expect("an event");
        assert_eq!(
            (first.event.as_str(), first.data.as_str(), first.id.as_deref()),
            ("state", "{\"v\":3}", Some("3"))
        );
        let second = stream.next().await.expect("another event");
        assert_eq!((second.event.as_str(), second.data.as_str(), second.id), ("message", "a\nb", None));
        assert_eq!(stream.next().await, None);
    }
}
