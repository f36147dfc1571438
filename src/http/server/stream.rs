//! The socket of a connection: reads are checked, and reads and writes are reported to the watch.

use super::{bare_refusal::Worded, framing::Framing, watch::Watch};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A socket that reports its activity to a watch.
pub(super) struct WatchedStream {
    socket: TcpStream,
    framing: Framing,
    watch: Arc<Watch>,
    /// The response that replaces a bare refusal of the parser.
    worded: Option<Worded>,
}

impl WatchedStream {
    /// Wraps `socket` and reports its activity to `watch`.
    pub(super) fn new(socket: TcpStream, watch: Arc<Watch>) -> Self {
        Self { socket, framing: Framing::default(), watch, worded: None }
    }

    /// Writes `bytes` or their replacement; `bytes` count as written once the whole replacement is written.
    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.worded.is_none() {
            self.worded = Worded::instead_of(bytes);
        }
        let Some(worded) = &mut self.worded else {
            return Pin::new(&mut self.socket).poll_write(context, bytes);
        };
        while !worded.rest().is_empty() {
            let written = ready!(Pin::new(&mut self.socket).poll_write(context, worded.rest()))?;
            worded.advance(written);
        }
        self.worded = None;
        Poll::Ready(Ok(bytes.len()))
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.socket).poll_read(context, buffer))?;
        let (_, read) = buffer.filled_mut().split_at_mut(before);
        if !read.is_empty() {
            this.watch.has_read();
            this.framing.check(read);
            if this.framing.is_last_request() {
                this.watch.end_after_this();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = this.write(context, bytes);
        this.watch.has_written(&outcome);
        outcome
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let mut pieces = parts.iter().filter(|part| !part.is_empty());
        let outcome = match (pieces.next(), pieces.next()) {
            (Some(only), None) => this.write(context, only),
            _ => Pin::new(&mut this.socket).poll_write_vectored(context, parts),
        };
        this.watch.has_written(&outcome);
        outcome
    }
}
