//! The requests as the filter believes them, and the comparison with those that the endpoint received.

use super::{
    super::{Framing, State},
    served::SeenRequest,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use tokio::io::ReadBuf;

/// A request that the filter accepted.
pub(super) struct BelievedRequest {
    head: Vec<u8>,
    body: Vec<u8>,
    /// `None` for a body in chunks.
    length: Option<u64>,
}

/// The requests that the filter accepts in an input, and how it refuses the next one.
pub(super) struct Believed {
    pub(super) requests: Vec<BelievedRequest>,
    refusal: Option<StatusCode>,
}

/// Gives the input to a filter byte by byte.
pub(super) fn believed(input: &[u8]) -> Result<Believed, String> {
    let (mut framing, mut space) = (Framing::default(), vec![0; 100_000]);
    let mut requests: Vec<BelievedRequest> = Vec::new();
    for byte in input {
        let before = framing.state;
        let mut given = ReadBuf::new(&mut space);
        let accepted = framing.accept(&[*byte]);
        given.put_slice(&[*byte][..accepted]);
        framing.give(&mut given);
        let given = given.filled();
        match (before, framing.state) {
            (State::Head, after) if !given.is_empty() => {
                let length = match after {
                    State::Body(length) => Some(length),
                    State::LastBody => None,
                    _ => Some(0),
                };
                requests.push(BelievedRequest { head: given.to_vec(), body: Vec::new(), length });
            }
            (State::Body(_) | State::LastBody, _) if given == [*byte] => {
                requests.last_mut().ok_or("a body without a head")?.body.push(*byte);
            }
            _ if given.is_empty() => {}
            (before, after) => return Err(format!("{given:?} was given from {before:?} to {after:?}")),
        }
    }
    Ok(Believed { requests, refusal: framing.refusal().map(|refusal| refusal.status()) })
}

/// A head in the plainest reading: lines end with CR LF, words with one space, names with a colon.
struct PlainHead {
    method: Method,
    target: String,
    version: Version,
    headers: HeaderMap,
}

impl BelievedRequest {
    fn plain_head(&self) -> Result<PlainHead, String> {
        let mut fields = [httparse::EMPTY_HEADER; 100];
        let parsed = httparse::Request::new(&mut fields).parse(&self.head);
        if parsed != Ok(httparse::Status::Complete(self.head.len())) {
            return Err(format!("httparse says {parsed:?} to {}", self.head.escape_ascii()));
        }
        let read = || {
            let text: String = self.head.iter().copied().map(char::from).collect();
            let mut lines = text.trim_start_matches("\r\n").strip_suffix("\r\n\r\n")?.split("\r\n");
            let [method, target, version] = lines.next()?.split(' ').collect::<Vec<_>>().try_into().ok()?;
            let mut headers = HeaderMap::new();
            for line in lines {
                let (name, value) = line.split_once(':')?;
                let value = bytes_of(value.trim_matches([' ', '\t']));
                headers.append(
                    HeaderName::from_bytes(name.as_bytes()).ok()?,
                    HeaderValue::from_bytes(&value).ok()?,
                );
            }
            let version = if version == "HTTP/1.0" { Version::HTTP_10 } else { Version::HTTP_11 };
            let target = String::from_utf8(bytes_of(target)).ok()?;
            Some(PlainHead { method: method.parse().ok()?, target, version, headers })
        };
        read().ok_or_else(|| format!("not a plain head: {}", self.head.escape_ascii()))
    }

    /// Whether the whole body was received; unknown for chunks.
    fn is_whole(&self) -> Option<bool> {
        self.length.map(|length| self.body.len() as u64 == length)
    }

    /// The body without the chunks' framing, if it is whole in the plainest reading: sizes in hexadecimal
    /// digits, short extensions of visible characters, no trailers.
    fn plain_chunks(&self) -> Option<Vec<u8>> {
        let (mut rest, mut content) = (self.body.as_slice(), Vec::new());
        loop {
            let end = rest.iter().take(100).position(|byte| *byte == b'\r')?;
            let line = std::str::from_utf8(&rest[..end]).ok()?;
            let (size, extension) = line.split_once(';').unwrap_or((line, ""));
            let is_plain = size.bytes().all(|byte| byte.is_ascii_hexdigit())
                && extension.bytes().all(|byte| byte.is_ascii_graphic());
            let size = usize::from_str_radix(size, 16).ok().filter(|_| is_plain)?;
            rest = rest[end..].strip_prefix(b"\r\n")?;
            if size == 0 {
                return rest.starts_with(b"\r\n").then_some(content);
            }
            content.extend_from_slice(rest.get(..size)?);
            rest = rest[size..].strip_prefix(b"\r\n")?;
        }
    }
}

/// The bytes of a text whose characters are bytes.
fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().map(|character| character as u8).collect()
}

/// Compares the requests and the responses; an error describes the first difference.
pub(super) fn compare(believed: &Believed, seen: &[SeenRequest], output: &[u8]) -> Result<(), String> {
    if seen.len() > believed.requests.len() {
        return Err(format!("hyper read {} requests, of {}", seen.len(), believed.requests.len()));
    }
    let mut may_end = false;
    let mut responses = Responses(output);
    for (number, (believed, seen)) in believed.requests.iter().zip(seen).enumerate() {
        let head = believed.plain_head()?;
        compare_request(believed, &head, seen).map_err(|error| format!("request {number}: {error}"))?;
        let is_success = if head.method == Method::CONNECT { 405 } else { 200 };
        match responses.next(head.method == Method::HEAD) {
            Ok(Some((status, _))) if status == if seen.is_whole { is_success } else { 400 } => {}
            Ok(None) if !seen.is_whole => {}
            // After a malformed chunk hyper ends the connection, even in the middle of the response.
            Err(_) if !seen.is_whole && responses.is_cut(b"HTTP/1.1 400 ") => responses.0 = &[],
            other => return Err(format!("request {number}: the response is {other:?}")),
        }
        may_end = !seen.is_whole || may_end_with(&head, believed.length);
    }
    if seen.len() < believed.requests.len() && !may_end {
        return Err(format!("hyper read only {} requests, of {}", seen.len(), believed.requests.len()));
    }
    match (responses.next(false)?, believed.refusal) {
        (Some((status, response)), Some(refusal)) if status == refusal => {
            let is_ours = response.contains("x-request-id: ") && response.contains("connection: close");
            (is_ours && seen.len() == believed.requests.len())
                .then_some(())
                .ok_or(format!("a refusal at the wrong place, or not the filter's: {response}"))?;
        }
        (None, None) => {}
        (None, Some(_)) if may_end => {}
        (response, refusal) => return Err(format!("expected the refusal {refusal:?}, got {response:?}")),
    }
    responses.next(false)?.map_or(Ok(()), |response| Err(format!("one response too many: {response:?}")))
}

fn compare_request(believed: &BelievedRequest, head: &PlainHead, seen: &SeenRequest) -> Result<(), String> {
    if (&seen.method, seen.version) != (&head.method, head.version) {
        return Err(format!("{} {:?}, not {} {:?}", seen.method, seen.version, head.method, head.version));
    }
    let mut uri: Uri = head.target.parse().map_err(|_| format!("{} is no URI", head.target))?;
    if head.target.starts_with('/') && seen.uri.to_string() != head.target {
        return Err(format!("target {}, not {}", seen.uri, head.target));
    }
    if uri.authority().is_some() && (uri.scheme().is_some() || head.method == Method::CONNECT) {
        uri = uri.path_and_query().cloned().map_or_else(|| Uri::from_static("/"), Uri::from);
    }
    if seen.uri != uri {
        return Err(format!("target {}, not {uri}", seen.uri));
    }
    if seen.headers != head.headers {
        return Err(format!("fields {:?}, not {:?}", seen.headers, head.headers));
    }
    let is_same_body = match believed.is_whole() {
        Some(true) => seen.is_whole && seen.body == believed.body,
        Some(false) => !seen.is_whole && believed.body.starts_with(&seen.body),
        None => believed.plain_chunks().is_none_or(|content| seen.is_whole && seen.body == content),
    };
    is_same_body.then_some(()).ok_or_else(|| {
        format!(
            "body {:?} (whole: {}), not {:?}",
            seen.body,
            seen.is_whole,
            believed.body.escape_ascii().to_string()
        )
    })
}

/// Whether the connection may end with this request.
fn may_end_with(head: &PlainHead, length: Option<u64>) -> bool {
    let options: Vec<String> = head
        .headers
        .get_all("connection")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|option| option.trim().to_ascii_lowercase()))
        .collect();
    let has = |wanted: &str| options.iter().any(|option| option == wanted);
    length.is_none() || has("close") || (head.version == Version::HTTP_10 && !has("keep-alive"))
}

/// The responses in an output.
struct Responses<'a>(&'a [u8]);

impl Responses<'_> {
    /// Whether what is left is the beginning of one response with this status line.
    fn is_cut(&self, status_line: &[u8]) -> bool {
        let length = self.0.len().min(status_line.len());
        self.0[..length] == status_line[..length]
    }

    /// Takes the next final response; its status and its text.
    fn next(&mut self, is_head: bool) -> Result<Option<(StatusCode, String)>, String> {
        loop {
            if self.0.is_empty() {
                return Ok(None);
            }
            let broken = || format!("not a response: {}", self.0.escape_ascii());
            let end = self.0.windows(4).position(|end| end == b"\r\n\r\n").ok_or_else(broken)? + 4;
            let head = std::str::from_utf8(&self.0[..end]).map_err(|_| broken())?.to_owned();
            let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).ok_or_else(broken)?;
            let status: StatusCode = status.parse().map_err(|_| broken())?;
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = if is_head { 0 } else { length.map_or(0, |length| length.parse().unwrap_or(0)) };
            let body = self.0.get(end..end + length).ok_or_else(broken)?;
            let text = head + &String::from_utf8_lossy(body);
            self.0 = &self.0[end + length..];
            if !status.is_informational() {
                return Ok(Some((status, text)));
            }
        }
    }
}
