//! The sign-in: a state machine, and the policy that determines the required factors.
//!
//! Never runs effects and does no I/O: it returns the current step and the effects to run.
//! Spec: OpenID Connect Core §3.1.2, RFC 9470 (step-up), RFC 8176 (`amr`).
//! Called by: `actions`, which advances a journey, and `signin`, which shows its step.
//!
//! A [`Journey`] holds the demand and the proofs. The current step is never stored: [`Journey::step`] derives
//! it, and [`advance`] adds one new fact. `journey.mermaid` shows the states; a test compares it with the
//! code.

mod advance;
mod assurance;
mod authenticators;
mod counted;
mod demand;
#[cfg(test)]
mod diagram;
mod facts;
mod password_change;
mod requirement;
mod second;
mod silent;
mod state;
mod step;
#[cfg(test)]
mod walks;

pub use advance::advance;
pub use assurance::Assurance;
pub use authenticators::{Authenticators, LostAuthenticator};
pub use demand::{Consent, Demand, Enrolled, LiveSession, Prompts};
pub use facts::Facts;
pub use requirement::{Missing, Requirement, RequirementReason};
pub use silent::{SilentError, SilentRefusal};
pub use state::Journey;
pub use step::{Effect, Event, SignInFailure, Step};
