//! The command line: one verb a line, nothing else.
fn main() {}
