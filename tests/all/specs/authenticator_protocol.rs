//! The Countersign authenticator protocol, version 1 (`docs/authenticator-protocol.md`), against the whole house.

mod advice;
mod answers;
mod devices;
mod enrollment;
mod events;
mod proofs;
mod races;
mod scanned;

use crate::support::phone::Problem;

/// The code of a problem, and where it says that things stand.
fn code<T: std::fmt::Debug>(answer: Result<T, Problem>) -> String {
    let problem = answer.expect_err("a problem");
    match problem.state {
        Some(state) => format!("{} {} {state}", problem.status.as_u16(), problem.code),
        None => format!("{} {}", problem.status.as_u16(), problem.code),
    }
}
