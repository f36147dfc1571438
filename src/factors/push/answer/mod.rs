//! A device's answer to a challenge: parsing and verification, cheap checks before expensive ones.
//! Never decides alone: storage's guarded UPDATE afterwards lets exactly one answer win.
//! Spec: authenticator protocol, version 1. Called by: `device_api`.

mod parse;
mod refusal;
#[cfg(test)]
mod tests;
mod verify;

pub use parse::{Answer, AnswerAction, AnswerMark, ReportReason};
pub use refusal::AnswerRefusal;
pub use verify::{AnswerContext, AnsweredChallenge, AnsweringDevice, Verdict};
