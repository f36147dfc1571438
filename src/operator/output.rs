//! Where a verb writes: its answer to stdout, everything else to stderr.

use std::io::{self, Write};

/// The answer, for people or scripts, on the wire at once. A reader that has gone away is not an error.
pub fn print_result(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Something beside the answer.
pub fn print_notice(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
