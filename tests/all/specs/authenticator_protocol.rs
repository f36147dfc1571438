//! The Countersign authenticator protocol, version 1 (`docs/authenticator-protocol.md`), against the whole
//! application.

mod advice;
mod answers;
mod devices;
mod enrollment;
mod events;
mod problems;
mod proofs;
mod races;
mod scanned;

use crate::support::phone::Problem;

/// The code of a problem and its state, if it has one.
fn code<T: std::fmt::Debug>(answer: Result<T, Problem>) -> String {
    let problem = answer.expect_err("a problem");
    match problem.state {
        Some(state) => format!("{} {} {state}", problem.status.as_u16(), problem.code),
        None => format!("{} {}", problem.status.as_u16(), problem.code),
    }
}
