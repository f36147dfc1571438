//! Where one HTTP/1 request ends and the next begins, read strictly (RFC 9112 §2.2, §5.2, §6.3).
//!
//! The parser behind it is lenient where the RFC allows it: it takes a bare line feed for a line's end, and lets
//! `Transfer-Encoding` win over `Content-Length`. A proxy in front may read such a request differently, and one
//! person's request then ends in another's. What is ambiguous is spoiled here by a NUL byte, which the parser
//! refuses with 400 and closes.

/// A line longer than this is refused by the parser anyway.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// What has been read of one connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    state: State,
    line: Vec<u8>,
    length: Option<u64>,
    is_chunked: bool,
}

/// Which part of a request comes next.
#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// The request line, or empty lines before it.
    #[default]
    RequestLine,
    /// A field line, or the empty line that ends them.
    Field,
    /// So many bytes of a body.
    Body(u64),
    /// Nothing more is read as HTTP/1 heads: the last request, HTTP/2, or a refused one.
    Unread,
}

/// A line that must not reach the parser as it is.
struct Ambiguous;

impl Framing {
    /// Reads on; spoils what is ambiguous.
    pub(super) fn check(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            let taken = match self.state {
                State::Unread => return,
                State::Body(left) => self.skip_body(left, bytes.len()),
                State::RequestLine | State::Field => self.take_line(bytes),
            };
            bytes = bytes.split_at_mut(taken).1;
        }
    }

    /// Whether the connection must end with the present request: its end is not followed here.
    pub(super) fn is_last_request(&self) -> bool {
        self.state == State::Unread && self.is_chunked
    }

    /// Passes over what belongs to a body.
    fn skip_body(&mut self, left: u64, available: usize) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(available);
        let left = left - taken as u64;
        self.state = if left == 0 { State::RequestLine } else { State::Body(left) };
        taken
    }

    /// Takes bytes up to a line's end, and judges the line when it is complete.
    fn take_line(&mut self, bytes: &mut [u8]) -> usize {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(bytes.len(), |end| end + 1);
        let (part, _) = bytes.split_at_mut(taken);
        self.line.extend_from_slice(part);
        let verdict = match end {
            None if self.line.len() > MAX_LINE_BYTES => Err(Ambiguous),
            None => return taken,
            Some(_) => {
                let line = std::mem::take(&mut self.line);
                let verdict = self.judge(&line);
                self.line = line;
                verdict
            }
        };
        self.line.clear();
        if let (Err(Ambiguous), Some(last)) = (verdict, part.last_mut()) {
            *last = 0;
            self.state = State::Unread;
        }
        taken
    }

    /// One whole line with its end.
    fn judge(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        let content = line.strip_suffix(b"\r\n").ok_or(Ambiguous)?;
        if content.contains(&b'\r') {
            return Err(Ambiguous);
        }
        match (&self.state, content) {
            (State::RequestLine, b"") => {}
            (State::RequestLine, b"PRI * HTTP/2.0") => self.state = State::Unread,
            (State::RequestLine, _) => {
                self.state = State::Field;
                self.length = None;
                self.is_chunked = false;
            }
            (_, b"") => self.end_head(),
            (_, field) => self.judge_field(field)?,
        }
        Ok(())
    }

    /// The fields that say where a body ends: one of them, once, in its one spelling.
    fn judge_field(&mut self, field: &[u8]) -> Result<(), Ambiguous> {
        if field.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(Ambiguous); // obs-fold, RFC 9112 §5.2
        }
        let colon = field.iter().position(|byte| *byte == b':').ok_or(Ambiguous)?;
        let (name, value) = field.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        let is_framed = self.is_chunked || self.length.is_some();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.length = Some(decimal(value).filter(|_| !is_framed).ok_or(Ambiguous)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if is_framed || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Ambiguous);
            }
            self.is_chunked = true;
        }
        Ok(())
    }

    /// The empty line: what follows is known.
    fn end_head(&mut self) {
        self.state = match self.length {
            _ if self.is_chunked => State::Unread,
            Some(length) if length > 0 => State::Body(length),
            _ => State::RequestLine,
        };
    }
}

/// `1*DIGIT` and nothing else.
fn decimal(value: &[u8]) -> Option<u64> {
    let is_digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    is_digits.then(|| std::str::from_utf8(value).ok()?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_spoiled(request: &str, piece: usize) -> bool {
        let mut framing = Framing::default();
        let mut bytes = request.as_bytes().to_vec();
        bytes.chunks_mut(piece).for_each(|chunk| framing.check(chunk));
        bytes != request.as_bytes()
    }

    const FINE: [&str; 6] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\na\n\nb\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding:chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\n",
    ];

    const AMBIGUOUS: [&str; 16] = [
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length:\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\na",
        "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\naGET / HTTP/1.1\nHost: a\r\n\r\n",
    ];

    #[test]
    fn what_is_clear_is_left_alone_in_pieces_of_any_size() {
        for request in FINE {
            for piece in 1..=request.len() {
                assert!(!is_spoiled(request, piece), "{request:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_is_ambiguous_is_spoiled_in_pieces_of_any_size() {
        for request in AMBIGUOUS {
            for piece in 1..=request.len() {
                assert!(is_spoiled(request, piece), "{request:?} in pieces of {piece}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_input_is_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..600), piece in 1_usize..64) {
            let mut framing = Framing::default();
            let mut copy = bytes.clone();
            copy.chunks_mut(piece).for_each(|chunk| framing.check(chunk));
            let changed = bytes.iter().zip(&copy).filter(|(before, after)| before != after).count();
            prop_assert!(changed <= 1);
        }
    }
}
