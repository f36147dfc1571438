//! Finds where one HTTP/1 request ends and the next begins. If a proxy in front finds another end, the rest of
//! one person's request becomes the beginning of another person's (request smuggling). Holds back each head
//! until it is complete and unambiguous, so that the parser never receives a part of a refused request;
//! changes no byte.
//! Called by: `stream`.

use super::{
    refusal::Refusal,
    request_head::{BodyLength, Progress, RequestHead},
};
use tokio::io::ReadBuf;

/// The requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    state: State,
    head: RequestHead,
    /// An incomplete head, or checked bytes that the reader had no room for yet.
    held: Vec<u8>,
    /// The number of bytes at the start of `held` that are checked.
    checked: usize,
}

/// The part of a request that comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// A head.
    #[default]
    Head,
    /// This number of bytes of a body.
    Body(u64),
    /// A body in chunks. Its end is left to the parser, and the connection ends with this request.
    LastBody,
    /// Nothing: the request is refused.
    Refused(Refusal),
}

impl Framing {
    /// Checks received bytes. Returns the number of bytes that the parser may read from the start of `bytes`,
    /// without a copy; keeps a copy of the others for [`Framing::give`].
    ///
    /// Must be called only after [`Framing::give`] returned false.
    pub(super) fn accept(&mut self, bytes: &[u8]) -> usize {
        if self.held.is_empty() {
            let checked = self.check(bytes);
            if !matches!(self.state, State::Refused(_)) {
                self.held.extend_from_slice(bytes.get(checked..).unwrap_or_default());
            }
            return checked;
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        self.checked = self.check(&held);
        if matches!(self.state, State::Refused(_)) {
            held.truncate(self.checked);
        }
        self.held = held;
        0
    }

    /// Moves checked bytes into `buffer`, as many as fit, and returns whether there were any.
    pub(super) fn give(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        let count = self.checked.min(buffer.remaining());
        if count == 0 {
            return false;
        }
        buffer.put_slice(self.held.get(..count).unwrap_or_default());
        self.held.drain(..count);
        self.checked -= count;
        if self.held.is_empty() {
            self.held = Vec::new(); // an idle connection keeps no buffer
        }
        true
    }

    /// Returns the refusal of the current request; `None` while no request is refused. The parser has then
    /// received every request before it.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        if let State::Refused(refusal) = self.state { Some(refusal) } else { None }
    }

    /// Checks `bytes`, which begin with the current head or inside a body; returns how many are complete.
    fn check(&mut self, bytes: &[u8]) -> usize {
        let mut checked = 0;
        loop {
            let rest = bytes.get(checked..).unwrap_or_default();
            if rest.is_empty() {
                return checked;
            }
            checked += match self.state {
                State::Head => match self.check_head(rest) {
                    0 => return checked,
                    length => length,
                },
                State::Body(left) => self.skip_body(left, rest.len()),
                State::LastBody => rest.len(),
                State::Refused(_) => return checked,
            };
        }
    }

    /// Returns the length of a head once it is complete, otherwise 0.
    fn check_head(&mut self, bytes: &[u8]) -> usize {
        match self.head.read(bytes) {
            Ok(Progress::Incomplete) => 0,
            Ok(Progress::Complete { length, body }) => {
                self.head = RequestHead::default();
                self.state = match body {
                    BodyLength::Bytes(0) => State::Head,
                    BodyLength::Bytes(length) => State::Body(length),
                    BodyLength::Chunked => State::LastBody,
                };
                length
            }
            Err(refusal) => {
                self.state = State::Refused(refusal);
                0
            }
        }
    }

    /// Returns how many of the `available` bytes belong to the body.
    fn skip_body(&mut self, left: u64, available: usize) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(available);
        let left = left - taken as u64;
        self.state = if left == 0 { State::Head } else { State::Body(left) };
        taken
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
