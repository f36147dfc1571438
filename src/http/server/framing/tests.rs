//! Tests of the filter alone: accepted bytes pass unchanged, and no byte of a refused request passes.

use super::*;
use proptest::prelude::*;

/// Returns the bytes that pass the filter, received and read in pieces, and the status of a refusal.
fn filtered(received: &[u8], piece: usize) -> (Vec<u8>, Option<u16>) {
    let (mut framing, mut passed) = (Framing::default(), Vec::new());
    for bytes in received.chunks(piece) {
        let accepted = framing.accept(bytes);
        passed.extend_from_slice(&bytes[..accepted]);
        let mut space = vec![0; piece];
        let mut buffer = ReadBuf::new(&mut space);
        while framing.give(&mut buffer) {
            passed.extend_from_slice(buffer.filled());
            buffer.clear();
        }
    }
    (passed, framing.refusal().map(|refusal| refusal.status().as_u16()))
}

/// Asserts that all but `refused` passes, in pieces of several sizes.
#[track_caller]
fn assert_filtered(accepted: &str, refused: &str, status: Option<u16>) {
    let received = format!("{accepted}{refused}");
    let step = received.len() / 200 + 1;
    for piece in (1..=received.len() + 1).step_by(step) {
        let (passed, refusal) = filtered(received.as_bytes(), piece);
        let start: String = received.chars().take(200).collect();
        assert_eq!(refusal, status, "{start:?} in pieces of {piece}");
        assert_eq!(String::from_utf8(passed).unwrap(), accepted, "in pieces of {piece}");
    }
}

const HOST: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn clear_requests_pass_unchanged_in_pieces_of_any_size() {
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\na\n\nb\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length:\t007 \r\n\r\n1234567GET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding:chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nX:\r\nY: a\tb \u{e4}\r\n\r\n",
        "M-SEARCH http://a.example/?b=%23 HTTP/1.1\r\n\r\n",
    ] {
        assert_filtered(request, "", None);
    }
}

#[test]
fn an_ambiguous_request_is_refused_in_pieces_of_any_size() {
    for (accepted, request) in [
        ("", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        ("", "GET / HTTP/1.1\r\nHost: a\n\r\n"),
        ("", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        ("", "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n"),
        ("", "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n"),
        ("", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\nabcde"),
        ("", "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nContent-Length:\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\na"),
        ("", "POST / HTTP/1.1\r\nContent-Length : 1\r\n\r\na"),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    ] {
        assert_filtered(accepted, &format!("{request}{HOST}"), Some(400));
    }
}

#[test]
fn a_malformed_request_is_refused_in_pieces_of_any_size() {
    for request in [
        "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\na",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1 \r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.2\r\n\r\n",
        "GET / http/1.1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n",
        "GET /a#b HTTP/1.1\r\n\r\n",
        "GET a/b HTTP/1.1\r\n\r\n",
        "GET /\ta HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nX : a\r\n\r\n",
        "GET / HTTP/1.1\r\nX: \u{1}\r\n\r\n",
        "GET / HTTP/1.1\r\nX: \u{7f}\r\n\r\n",
        "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ] {
        assert_filtered("", &format!("{request}{HOST}"), Some(400));
        assert_filtered(HOST, &format!("{request}{HOST}"), Some(400));
    }
}

#[test]
fn a_tls_handshake_is_refused_at_its_first_byte() {
    assert_eq!(filtered(b"\x16\x03\x01\x02\0\x01\0", 64), (Vec::new(), Some(400)));
    assert_eq!(filtered(b"\x16", 1), (Vec::new(), Some(400)));
    assert_eq!(filtered(b"G", 1), (Vec::new(), None));
}

#[test]
fn each_limit_of_a_head_applies_exactly() {
    let line = |length: usize| format!("GET /{} HTTP/1.1\r\n", "a".repeat(length - 16));
    assert_filtered(&format!("{}\r\n", line(16 * 1024)), "", None);
    assert_filtered("", &format!("{}\r\n", line(16 * 1024 + 1)), Some(414));
    assert_filtered("", &"a".repeat(16 * 1024 + 1), Some(414));

    let head = |length: usize| format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(length - 23));
    assert_filtered(&head(32 * 1024), "", None);
    assert_filtered("", &head(32 * 1024 + 1), Some(431));
    assert_filtered(HOST, &head(70_000), Some(431));

    let fields = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "X: a\r\n".repeat(count));
    assert_filtered(&fields(100), "", None);
    assert_filtered("", &fields(101), Some(431));
}

proptest! {
    #[test]
    fn any_input_passes_up_to_the_first_refused_request(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        piece in 1_usize..64,
    ) {
        let (passed, _) = filtered(&bytes, piece);
        prop_assert!(bytes.starts_with(&passed));
    }
}
