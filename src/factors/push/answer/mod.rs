//! What a device says to a challenge, and whether it counts: the checks in their order, cheap before dear.
//!
//! This decides nothing alone: only the guarded statement that storage runs afterwards lets one answer win.

mod parse;
mod refusal;
#[cfg(test)]
mod tests;
mod verify;

pub use parse::{Answer, AnswerAction, ReportReason};
pub use refusal::AnswerRefusal;
pub use verify::{AnswerContext, AnswerMark, AnsweredChallenge, AnsweringDevice, Verdict};
