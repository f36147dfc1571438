//! The socket of a connection: reports reads and writes to the watch, and filters the requests of HTTP/1. A
//! refused request gets its response from this module as soon as the responses before it are sent; the parser
//! sees the end of the connection.
//! Spec: RFC 9112 §9.6 (closing after a response). Called by: `connection`.

use super::{framing::Framing, refusal::Refusal, refusal::Refusals, watch::Watch};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket that reports its activity to a watch.
pub(super) struct WatchedStream<S> {
    socket: S,
    watch: Arc<Watch>,
    /// For HTTP/1; HTTP/2 has frames of its own.
    filter: Option<Filter>,
}

/// The filter of an HTTP/1 connection.
struct Filter {
    framing: Framing,
    refusals: Refusals,
    ending: Ending,
    /// The reader that waits until the responses before a refusal are sent.
    reader: Option<Waker>,
}

/// How far the response to a refused request is.
#[derive(Default)]
enum Ending {
    /// Not begun.
    #[default]
    Open,
    /// The response, and the number of its bytes that are written.
    Writing(Vec<u8>, usize),
    /// Written; the peer is informed that nothing follows.
    Closing,
    /// Bytes that the peer still sends are read and dropped: with unread bytes, the system would reset the
    /// connection, and the peer could lose the response.
    Draining,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WatchedStream<S> {
    /// Wraps `socket` and reports its activity to `watch`; with `refusals`, filters the requests of HTTP/1.
    pub(super) fn new(socket: S, watch: Arc<Watch>, refusals: Option<Refusals>) -> Self {
        let filter = refusals.map(|refusals| Filter {
            framing: Framing::default(),
            refusals,
            ending: Ending::default(),
            reader: None,
        });
        Self { socket, watch, filter }
    }
}

impl Filter {
    /// Responds to a refused request and ends the connection; ready at its end.
    fn poll_refuse(
        &mut self,
        refusal: Refusal,
        mut socket: Pin<&mut (impl AsyncRead + AsyncWrite)>,
        watch: &Watch,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            self.ending = match &mut self.ending {
                Ending::Open if !watch.is_quiet() => {
                    self.reader = Some(context.waker().clone());
                    return Poll::Pending;
                }
                Ending::Open => {
                    watch.has_read(); // from now on, the deadline of a head applies
                    Ending::Writing(self.refusals.respond(refusal), 0)
                }
                Ending::Writing(bytes, written) => {
                    let rest = bytes.get(*written..).unwrap_or_default();
                    let outcome = socket.as_mut().poll_write(context, rest);
                    watch.has_written(&outcome);
                    match ready!(outcome)? {
                        0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                        more if more == rest.len() => Ending::Closing,
                        more => {
                            *written += more;
                            continue;
                        }
                    }
                }
                Ending::Closing => {
                    ready!(socket.as_mut().poll_shutdown(context))?;
                    Ending::Draining
                }
                Ending::Draining => {
                    let mut dropped = [0; 1024];
                    let mut dropped = ReadBuf::new(&mut dropped);
                    ready!(socket.as_mut().poll_read(context, &mut dropped))?;
                    if dropped.filled().is_empty() {
                        return Poll::Ready(Ok(()));
                    }
                    continue;
                }
            };
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WatchedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { socket, watch, filter } = self.get_mut();
        loop {
            if let Some(filter) = filter {
                if filter.framing.give(buffer) {
                    return Poll::Ready(Ok(()));
                }
                if let Some(refusal) = filter.framing.refusal() {
                    return filter.poll_refuse(refusal, Pin::new(socket), watch, context);
                }
            }
            let before = buffer.filled().len();
            ready!(Pin::new(&mut *socket).poll_read(context, buffer))?;
            let read = buffer.filled().get(before..).unwrap_or_default();
            if read.is_empty() {
                return Poll::Ready(Ok(()));
            }
            watch.has_read();
            let Some(filter) = filter else { return Poll::Ready(Ok(())) };
            let passed = filter.framing.accept(read);
            buffer.set_filled(before + passed);
            if passed > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WatchedStream<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.socket).poll_write(context, bytes);
        this.watch.has_written(&outcome);
        outcome
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.socket).poll_flush(context))?;
        this.watch.has_flushed();
        if let Some(filter) = &mut this.filter
            && let Some(reader) = filter.reader.take_if(|_| this.watch.is_quiet())
        {
            reader.wake();
        }
        Poll::Ready(Ok(()))
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
        let outcome = Pin::new(&mut this.socket).poll_write_vectored(context, parts);
        this.watch.has_written(&outcome);
        outcome
    }
}
