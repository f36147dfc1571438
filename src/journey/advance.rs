//! The transition function of the sign-in state machine.

use super::demand::Enrolled;
use super::state::Journey;
use super::step::{Effect, Event, SignInFailure, Step};
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::{Proof, method, push::WithdrawalReason};

/// Applies `event` and returns the new state, the step to show, and the effects to run with saving. An event
/// that is not due changes nothing.
pub fn advance(journey: Journey, event: Event, now: Timestamp) -> (Journey, Step, Vec<Effect>) {
    let before = journey.step(now);
    if !is_due(&event, &before) {
        return (journey, before, Vec::new());
    }
    let mut effects = withdrawn_by(&event, &journey);
    let after = journey.with(event);
    let step = after.step(now);
    effects.extend(caused_by(&before, &step));
    (after, step, effects)
}

/// Tells whether `event` is allowed at `step`: a form sent early, late or twice changes nothing.
fn is_due(event: &Event, step: &Step) -> bool {
    match (step, event) {
        // Another tab may have completed the sign-in; the person may still cancel this one.
        (Step::Satisfied(_), event) => *event == Event::GaveUp,
        (Step::Refused(_), _) | (_, Event::Arrived) => false,
        (_, Event::Consented) => *step == Step::Consent,
        (_, Event::Denied(kind)) => step.asks_for(*kind),
        (_, Event::DeviceAdded(_)) => matches!(step, Step::Enroll { .. }),
        (_, Event::PasswordChanged(_)) => *step == Step::ChangePassword,
        (_, Event::Identified(_) | Event::Proved(_) | Event::GaveUp) => true,
    }
}

impl Journey {
    fn with(mut self, event: Event) -> Self {
        match event {
            Event::Arrived => {}
            Event::Identified(enrolled) => self.identify(enrolled),
            Event::DeviceAdded(enrolled) => {
                if self.subject.is_some() && self.person() == enrolled.person {
                    self.subject = Some(enrolled);
                    // Written only where it decides: a node of an older version does not know it.
                    self.has_added_device = self.demand.adds_device;
                }
            }
            Event::PasswordChanged(enrolled) => {
                if self.subject.is_some() && self.person() == enrolled.person {
                    self.subject = Some(enrolled);
                    // Every session of the person has ended; the proofs of this sign-in stay.
                    self.session = None;
                }
            }
            Event::Proved(proof) => self.prove(proof),
            Event::Denied(_) => self.ended = Some(SignInFailure::Denied),
            Event::Consented => self.is_consented = true,
            Event::GaveUp => self.ended = Some(SignInFailure::Cancelled),
        }
        self
    }

    fn identify(&mut self, enrolled: Enrolled) {
        if self.person() != enrolled.person || enrolled.person.is_none() {
            self.proofs.clear();
            self.is_consented = false;
            self.has_added_device = false;
        }
        self.is_chosen = true;
        self.subject = Some(enrolled);
    }

    /// Adds a proof of the current person, replacing one of the same kind; ignores a proof of another person.
    fn prove(&mut self, proof: Proof) {
        if self.person() == Some(proof.person()) {
            self.proofs.retain(|earlier| earlier.kind() != proof.kind());
            self.proofs.push(proof);
        }
    }
}

/// The effects that withdraw an open challenge: on cancelling, on another factor, and on another name.
fn withdrawn_by(event: &Event, journey: &Journey) -> Vec<Effect> {
    let is_other = |enrolled: &Enrolled| journey.subject.is_some() && journey.person() != enrolled.person;
    match event {
        Event::GaveUp => vec![Effect::SupersedeChallenges(WithdrawalReason::Cancelled)],
        Event::Proved(proof) if !method(proof.kind()).is_challenged && may_have_asked(journey) => {
            vec![Effect::SupersedeChallenges(WithdrawalReason::OtherFactor)]
        }
        Event::Identified(enrolled) if is_other(enrolled) => {
            vec![Effect::SupersedeChallenges(WithdrawalReason::OtherPerson)]
        }
        _ => Vec::new(),
    }
}

/// Whether a challenge of this sign-in may be open: one is sent after a first proof, of this sign-in or of its session,
/// or as the first proof.
fn may_have_asked(journey: &Journey) -> bool {
    let is_first = |kind: &FactorKind| method(*kind).is_challenged;
    journey.proved_person().is_some()
        || journey.subject.as_ref().is_some_and(|subject| subject.policy.first_factors.iter().any(is_first))
}

fn caused_by(before: &Step, step: &Step) -> Vec<Effect> {
    let is_challenge = |step: &Step| matches!(step, Step::Prove { kind, .. } if method(*kind).is_challenged);
    match step {
        // The only possible action on this step is to send a challenge, so the server sends it at once.
        Step::Prove { .. } if is_challenge(step) && !is_challenge(before) => vec![Effect::ChallengeDevices],
        // The same holds for an enrollment.
        Step::Enroll { .. } => vec![Effect::OfferEnrollment],
        Step::Satisfied(assurance) => vec![Effect::Audit(assurance.succeeded())],
        Step::Refused(refusal) => vec![Effect::Audit(AuditEvent::SignInRefused { reason: refusal.as_str() })],
        Step::Identify | Step::Prove { .. } | Step::ChangePassword | Step::Consent => Vec::new(),
    }
}
