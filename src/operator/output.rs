//! Output of commands: the result to stdout, everything else to stderr.

use std::io::{self, Write};

/// Prints the result and flushes it. A reader that has closed the pipe is not an error.
pub fn print_result(text: &str) {
    print_part(&format!("{text}\n"));
}

/// Prints a part of a long result, which ends in a line break, and flushes it. `false` when the reader has closed the
/// pipe: the rest is of no use.
pub(super) fn print_part(text: &str) -> bool {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

/// Prints a notice to stderr.
pub fn print_notice(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
