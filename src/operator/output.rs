//! Output of commands: the result to stdout, everything else to stderr.

use std::io::{self, Write};

/// Prints the result and flushes it. A reader that has closed the pipe is not an error.
pub fn print_result(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a notice to stderr.
pub fn print_notice(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
