//! The head of one HTTP/1 request, read line by line and strictly. Never reads a body, never repairs a line.
//! Spec: RFC 9112 §2.2 (line ends), §3 (request line), §5 (fields), §6.3 (length of the body).
//! Called by: `framing`.

use super::refusal::Refusal;
use http::Uri;

/// The maximum size of a head with its line ends, in bytes. [`crate::http::head`] allows 8 KiB of target and
/// 16 KiB of fields; with more room here, most heads beyond that get its more helpful response.
pub(super) const MAX_HEAD_BYTES: usize = 32 * 1024;
/// The maximum size of the request line with its line end, in bytes.
const MAX_REQUEST_LINE_BYTES: usize = 16 * 1024;
/// The maximum number of header fields. hyper allows as many.
const MAX_FIELD_COUNT: usize = 100;
/// The maximum number of empty lines before the request line. RFC 9112 §2.2 asks for one at least.
const MAX_EMPTY_LINE_COUNT: usize = 4;

/// Where the body of a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyLength {
    /// After this number of bytes.
    Bytes(u64),
    /// After the last chunk.
    Chunked,
}

/// The result of reading a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The head continues beyond the bytes received.
    Incomplete,
    /// The head has `length` bytes, with empty lines before it and the empty line that ends it.
    Complete { length: usize, body: BodyLength },
}

/// A head that is being read.
#[derive(Debug, Default)]
pub(super) struct RequestHead {
    read: usize,
    line_start: usize,
    version: Option<Version>,
    empty_lines: usize,
    fields: usize,
    content_length: Option<u64>,
    is_chunked: bool,
}

/// The version of a request line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

impl RequestHead {
    /// Reads on in `bytes`, which begin with the first byte of the head and hold all that was received so
    /// far.
    ///
    /// # Errors
    /// When the head is malformed, ambiguous or too large.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Progress, Refusal> {
        while let Some(line) = self.next_line(bytes)? {
            if self.version.is_some() && line.is_empty() {
                let body = self.content_length.map_or(BodyLength::Bytes(0), BodyLength::Bytes);
                let body = if self.is_chunked { BodyLength::Chunked } else { body };
                return Ok(Progress::Complete { length: self.read, body });
            }
            self.check_line(line)?;
        }
        Ok(Progress::Incomplete)
    }

    /// Returns the next line without its end; `None` when it is not complete.
    fn next_line<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, Refusal> {
        let unread = bytes.get(self.read..).unwrap_or_default();
        let end = unread.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
        let part = unread.get(..end.unwrap_or(unread.len())).unwrap_or_default();
        let (room, too_long) = self.room();
        // Garbage such as a TLS handshake is refused before a line feed arrives.
        let mut allowed = part.iter().take(room);
        if allowed.any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n')) {
            return Err(Refusal::Malformed("the head contains a control character"));
        }
        if part.len() > room {
            return Err(too_long);
        }
        self.read += part.len();
        if end.is_none() {
            return Ok(None);
        }
        let line = bytes.get(self.line_start..self.read).unwrap_or_default();
        self.line_start = self.read;
        let line = line.strip_suffix(b"\r\n").ok_or(Refusal::Malformed("a line does not end with CR LF"))?;
        if line.contains(&b'\r') {
            return Err(Refusal::Malformed("a line contains a bare CR"));
        }
        Ok(Some(line))
    }

    /// Returns how many more bytes the current line may have, and the refusal of a longer one.
    fn room(&self) -> (usize, Refusal) {
        if self.version.is_none() {
            let length = self.read - self.line_start;
            (MAX_REQUEST_LINE_BYTES.saturating_sub(length), Refusal::TargetTooLong)
        } else {
            (MAX_HEAD_BYTES.saturating_sub(self.read), Refusal::HeadTooLarge)
        }
    }

    /// Checks an empty line before the request line, the request line, or a field line.
    fn check_line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        match self.version {
            None if line.is_empty() => {
                self.empty_lines += 1;
                if self.empty_lines > MAX_EMPTY_LINE_COUNT {
                    return Err(Refusal::Malformed("there are too many empty lines before the request line"));
                }
            }
            None => self.version = Some(version_of(line)?),
            Some(version) => {
                self.fields += 1;
                if self.fields > MAX_FIELD_COUNT {
                    return Err(Refusal::HeadTooLarge);
                }
                self.check_field(line, version)?;
            }
        }
        Ok(())
    }

    /// Checks a field line; the body's length is given at most once (RFC 9112 §6.3).
    fn check_field(&mut self, line: &[u8], version: Version) -> Result<(), Refusal> {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(Refusal::Malformed("a field is folded over two lines")); // RFC 9112 §5.2
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = colon.and_then(|colon| line.split_at_checked(colon)).unwrap_or_default();
        if !is_token(name) {
            return Err(Refusal::Malformed("a field has no name, or its name is not a token"));
        }
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        let is_known = self.is_chunked || self.content_length.is_some();
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = decimal(value).filter(|_| !is_known);
            let malformed = Refusal::Malformed("Content-Length is not one number, or not alone");
            self.content_length = Some(length.ok_or(malformed)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if is_known || version == Version::Http10 || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal::Malformed("Transfer-Encoding is not `chunked`, or not alone"));
            }
            self.is_chunked = true;
        }
        Ok(())
    }
}

/// Returns the version of a request line (RFC 9112 §3): method, target and version with one space between.
fn version_of(line: &[u8]) -> Result<Version, Refusal> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Malformed("the request line is not `method target version`"));
    };
    if !is_token(method) {
        return Err(Refusal::Malformed("the method is not a token"));
    }
    if !is_target(target) {
        return Err(Refusal::Malformed("the target is not a valid path or URI"));
    }
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        _ => Err(Refusal::Malformed("the version is neither HTTP/1.1 nor HTTP/1.0")),
    }
}

/// Whether a target is a URI without a fragment. hyper would silently cut a fragment off, so that a proxy and
/// this server could read different targets.
fn is_target(target: &[u8]) -> bool {
    target.iter().all(|byte| !matches!(byte, 0..=b' ' | 0x7f | b'#')) && Uri::try_from(target).is_ok()
}

/// Whether `bytes` are a token (RFC 9110 §5.6.2).
fn is_token(bytes: &[u8]) -> bool {
    let is_tchar = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(is_tchar)
}

/// Parses `1*DIGIT` up to the maximum of `i64`; larger lengths are not possible.
fn decimal(value: &[u8]) -> Option<u64> {
    let is_digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let number: i64 = std::str::from_utf8(value).ok().filter(|_| is_digits)?.parse().ok()?;
    u64::try_from(number).ok()
}
