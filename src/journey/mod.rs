//! The sign-in: a state machine and the policy that says what is owed.
//!
//! Never does anything: it says where we are, what to show and what must happen.
//! Spec: OpenID Connect Core §3.1.2, RFC 9470 (step-up), RFC 8176 (`amr`).
//! Called by: `storage`, which keeps it, and the `signin` face, which moves it.
//!
//! A [`Journey`] is what was asked for and what has been done. Where it stands is never stored: [`Journey::step`]
//! derives it, and [`advance`] adds one new fact. The picture is `journey.mermaid`, compared with the code by a test.

mod advance;
mod assurance;
mod demand;
#[cfg(test)]
mod diagram;
mod facts;
mod requirement;
mod second;
mod silent;
mod state;
mod step;
#[cfg(test)]
mod walks;

pub use advance::advance;
pub use assurance::Assurance;
pub use demand::{Consent, Demand, Enrolled, LiveSession, Prompts};
pub use facts::Facts;
pub use requirement::{Missing, Requirement, RequirementReason};
pub use silent::{SilentError, SilentRefusal};
pub use state::Journey;
pub use step::{Effect, Event, SignInFailure, Step};
