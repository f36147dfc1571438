//! `countersign demo` in a program that was built without it.

use super::CommandError;
use crate::cli::Exit;

/// Refuses the command and says how to get it.
///
/// # Errors
/// Always, as a wrong use of the command line.
pub fn refuse_demo() -> Result<(), CommandError> {
    let sentence = "this program was built without the demo, as the image is; `cargo run --release -- demo` in the \
                    sources builds and runs it";
    Err(CommandError::new(sentence).with(Exit::Usage))
}
