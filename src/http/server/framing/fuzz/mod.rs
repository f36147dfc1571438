//! Compares the filter with hyper: for each input, hyper reads exactly the requests that the filter accepts,
//! responds to nothing by itself, and the filter's refusal is the last response.
//!
//! Takes 5 seconds, or as many as `COUNTERSIGN_TEST_FRAMING_SECONDS` says; `tests/run` says 60. A failure
//! prints its seed, which `COUNTERSIGN_TEST_FRAMING_SEED` repeats, and the smallest input that was found to
//! fail.

mod compare;
mod corpus;
mod served;

use crate::entropy::{Entropy, SystemEntropy};
use compare::{believed, compare};
use corpus::{Case, Random};
use served::{Served, served};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// The number of attempts to make a failing input smaller.
const MAX_REDUCTIONS: usize = 3_000;

/// Serves `case` and compares.
fn judge(case: &Case, is_filtered: bool) -> Result<usize, String> {
    catch_unwind(AssertUnwindSafe(|| {
        let believed = believed(&case.input)?;
        let Served { requests, output } = served(case, is_filtered)?;
        compare(&believed, &requests, &output).map(|()| believed.requests.len())
    }))
    .unwrap_or_else(|_| Err("a panic; see above".to_owned()))
}

/// Returns a smaller case that still fails, by leaving out parts of the input.
fn reduced(mut case: Case) -> Case {
    let (mut size, mut attempts) = (case.input.len() / 2, 0);
    while size > 0 && attempts < MAX_REDUCTIONS {
        let mut start = 0;
        while start < case.input.len() && attempts < MAX_REDUCTIONS {
            attempts += 1;
            let mut smaller = case.clone();
            smaller.input.drain(start..(start + size).min(case.input.len()));
            if judge(&smaller, true).is_err() { case = smaller } else { start += size }
        }
        size /= 2;
    }
    case
}

/// Reads a number from an environment variable.
fn number_from(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`, expected a number")))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test limits its own time")]
fn hyper_reads_the_requests_that_the_filter_accepts() {
    let entropy: &dyn Entropy = &SystemEntropy;
    let first = number_from("COUNTERSIGN_TEST_FRAMING_SEED");
    let first = first.unwrap_or_else(|| u64::from(u32::from_be_bytes(entropy.bytes())));
    let wanted = Duration::from_secs(number_from("COUNTERSIGN_TEST_FRAMING_SECONDS").unwrap_or(5));
    let (start, mut seed, mut accepted) = (Instant::now(), first, 0);
    while start.elapsed() < wanted {
        let case = corpus::case(&mut Random::of(seed));
        match judge(&case, true) {
            Ok(requests) => accepted += usize::from(requests > 0),
            Err(error) => {
                let (original, smaller) = (case.input.escape_ascii().to_string(), reduced(case));
                let reason = judge(&smaller, true).err().unwrap_or(error);
                panic!(
                    "seed {seed}: {reason}\nsmallest input: b\"{}\"\nreads: {:?}\ninput: b\"{original}\"",
                    smaller.input.escape_ascii(),
                    smaller.sizes
                );
            }
        }
        seed = seed.wrapping_add(1);
    }
    let cases = usize::try_from(seed.wrapping_sub(first)).unwrap();
    println!("{cases} inputs from seed {first}; the filter accepted requests of {accepted}");
    // Neither all nor none: otherwise the inputs show nothing.
    assert!(accepted * 10 > cases && accepted < cases, "{accepted} of {cases}");
}

#[test]
fn the_comparison_notices_what_hyper_reads_differently() {
    let clear = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    let case = |input: &str| Case { input: input.as_bytes().to_vec(), sizes: vec![7, 300] };
    for is_filtered in [true, false] {
        judge(&case(clear), is_filtered).unwrap();
    }
    for lenient in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "GET /a#b HTTP/1.1\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n",
    ] {
        judge(&case(&format!("{clear}{lenient}")), true).unwrap();
        judge(&case(&format!("{clear}{lenient}")), false).unwrap_err();
    }
}

#[test]
fn a_response_may_be_cut_off_after_a_malformed_chunk() {
    let input = b"T e HTTP/1.1\r\nn:\r\nUpgrade:\r\n\r\nT p HTTP/1.1\r\nExpect:100-continue\r\n\
        Transfer-Encoding:Chunked\r\nr:\r\n\r\nA\r\n\r\n012345678";
    judge(&Case { input: input.to_vec(), sizes: vec![200, 100_000, 30, 1] }, true).unwrap();
}
