//! The sign-in: a state machine, and the policy that determines the required factors.
//!
//! Never runs effects and does no I/O: it returns the current step and the effects to run.
//! Spec: OpenID Connect Core §3.1.2, RFC 9470 (step-up), RFC 8176 (`amr`).
//! Called by: `actions`, which advances a journey, and `signin`, which shows its step.
//!
//! A [`Journey`] holds facts: what was asked for, who was named, what was proved. [`Inputs`] hold the policy, the person's
//! methods and the demand of the client as they are now. The current step is never stored: [`Journey::step`] derives
//! it from both, and [`advance`] adds one new fact. `journey.mermaid` shows the states; a test compares it with the
//! code. Nothing here names a factor: what differs between them is in `factors::registry`.

mod advance;
mod assurance;
mod authenticators;
mod counted;
mod demand;
#[cfg(test)]
mod diagram;
mod facts;
mod inputs;
mod password_change;
mod requirement;
#[cfg(test)]
mod samples;
mod second;
mod silent;
mod state;
mod step;
mod subject;
#[cfg(test)]
mod walks;

pub use advance::{Advanced, advance};
pub use assurance::Assurance;
pub use authenticators::{Authenticators, LostAuthenticator};
pub use demand::{Demand, LiveSession, Prompts};
pub use inputs::{ClientDemand, Consent, Inputs, Methods};
pub use requirement::{Missing, Requirement, RequirementReason};
pub use silent::{SilentError, SilentRefusal};
pub use state::Journey;
pub use step::{Effect, Event, SignInFailure, Step};
pub use subject::Subject;
