//! Inputs: valid and ambiguous requests, one after the other, with random changes.

/// The bytes that one connection receives, and how they are split.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// All bytes.
    pub(super) input: Vec<u8>,
    /// How many of them each read and write takes, in turns.
    pub(super) sizes: Vec<usize>,
}

/// A sequence of numbers that its seed determines (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    /// Returns a number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }

    fn of_list<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

const REQUESTS: [&str; 24] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a?b=c&d=%23 HTTP/1.1\r\nHost: id.example\r\nAccept: text/html, */*;q=0.8\r\nCookie: a=b; c=d\r\n\r\n",
    "HEAD /a HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n\r\n",
    "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na\nb\r\n",
    "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "POST /p HTTP/1.1\r\nContent-Length: 29\r\n\r\nGET /inner HTTP/1.1\r\nX: y\r\n\r\n",
    "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\n\r\n",
    "POST /p HTTP/1.1\r\nTransfer-Encoding: Chunked\r\nTrailer: X\r\n\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
    "PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
    "GET /close HTTP/1.1\r\nConnection: close\r\n\r\n",
    "GET /upgrade HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a.example:8080/b?c HTTP/1.1\r\nHost: a.example\r\n\r\n",
    "GET http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n",
    "\r\nGET /after-an-empty-line HTTP/1.1\r\n\r\n",
    "GET /\u{e4} HTTP/1.1\r\nX: \u{e4}\t \u{f6} \r\nx: second\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "POST /p HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /p HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n",
];

const LINES: [&str; 18] = [
    "Content-Length: 3\r\n",
    "content-length:3\r\n",
    "Content-Length: 03\r\n",
    "Content-Length: +3\r\n",
    "Content-Length: 3, 3\r\n",
    "Content-Length: 18446744073709551615\r\n",
    "Content-Length : 3\r\n",
    " Content-Length: 3\r\n",
    "Content_Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding:\tchunked \r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Connection: close, x\r\n",
    "Connection: keep-alive\r\n",
    "Expect: 100-continue\r\n",
    "Host: b\r\n",
];

const PIECES: [&[u8]; 31] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\r\n",
    b"\n\r\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b"\x0b",
    b"\x0c",
    b"\x1b",
    b"\x7f",
    b"\x80",
    b"\xff",
    b":",
    b"::",
    b";",
    b",",
    b"#",
    b"?",
    b"/",
    b"*",
    b"@",
    b"%0d%0a",
    b"0",
    b"1",
    b"f",
    b"ffffffffffffffff1",
    b"HTTP/1.1",
    b"\xe2\x80\xa8",
];

/// Returns one to four requests in a row with up to four changes, and how they are split.
pub(super) fn case(random: &mut Random) -> Case {
    let mut input = Vec::new();
    for _ in 0..=random.below(4) {
        input.extend_from_slice(random.of_list(&REQUESTS).as_bytes());
    }
    for _ in 0..random.below(5) {
        change(&mut input, random);
    }
    let sizes = (0..=random.below(4)).map(|_| random.of_list(&[1, 2, 7, 30, 200, 5_000, 100_000])).collect();
    Case { input, sizes }
}

fn change(input: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(input.len() + 1);
    let end = (at + 1 + random.below(8)).min(input.len());
    match random.below(12) {
        0 if at < input.len() => input[at] = random.below(256) as u8,
        1 => drop(input.drain(at..end)),
        2 => {
            let again = input[at..end].to_vec();
            input.splice(at..at, again);
        }
        3 => {
            input.splice(at..end, random.of_list(&PIECES).iter().copied());
        }
        4 | 5 => {
            input.splice(at..at, random.of_list(&PIECES).iter().copied());
        }
        6..=8 => {
            let at = line_start(input, random);
            input.splice(at..at, random.of_list(&LINES).bytes());
        }
        9 => {
            let at = line_start(input, random);
            let end = input[at..].iter().position(|byte| *byte == b'\n').map_or(at, |end| at + end + 1);
            let line = input.drain(at..end).collect::<Vec<_>>();
            let at = line_start(input, random);
            input.splice(at..at, line);
        }
        10 => {
            let at = line_start(input, random);
            let end = at.saturating_sub(random.below(3));
            input.splice(end..at, random.of_list(&[b"\n".as_slice(), b"\r", b"", b"\r\n "]).iter().copied());
        }
        11 if random.below(20) == 0 => {
            let length = random.of_list(&[100, 8_180, 16_370, 16_384, 32_700, 32_768, 70_000]);
            input.splice(at..at, std::iter::repeat_n(b'a', length));
        }
        _ if random.below(20) == 0 => {
            let at = line_start(input, random);
            let count = random.of_list(&[98, 99, 100, 101, 4_000]);
            input.splice(at..at, b"X: y\r\n".repeat(count));
        }
        _ => {}
    }
}

/// Returns where a random line begins.
fn line_start(input: &[u8], random: &mut Random) -> usize {
    let at = random.below(input.len() + 1);
    input[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}
