//! The transition function of the sign-in state machine.

use super::inputs::Inputs;
use super::state::Journey;
use super::step::{Effect, Event, SignInFailure, Step};
use super::subject::Subject;
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::{Proof, method, push::WithdrawalReason};
use ::entity::ids::PersonId;

/// A sign-in after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// The new state.
    pub journey: Journey,
    /// The inputs by which it is judged.
    pub inputs: Inputs,
    /// The step to show.
    pub step: Step,
    /// The effects to run with saving.
    pub effects: Vec<Effect>,
}

/// Applies `event`. An event that is not due changes nothing. `inputs` are those before the event; an event that changes
/// them brings the new ones, by which the new step is derived.
pub fn advance(journey: Journey, inputs: Inputs, event: Event, now: Timestamp) -> Advanced {
    let before = journey.step(&inputs, now);
    if !journey.is_due(&event, &before) {
        return Advanced { journey, inputs, step: before, effects: Vec::new() };
    }
    let mut effects = withdrawn_by(&event, &journey, &inputs);
    let changed = event.inputs().cloned();
    let journey = journey.with(event, &inputs);
    let inputs = changed.unwrap_or(inputs);
    let step = journey.step(&inputs, now);
    effects.extend(caused_by(&before, &step));
    Advanced { journey, inputs, step, effects }
}

impl Journey {
    /// Tells whether `event` is allowed at `step`: a form sent early, late or twice changes nothing.
    fn is_due(&self, event: &Event, step: &Step) -> bool {
        let is_own = |inputs: &Inputs| self.subject.person() == inputs.methods.person;
        match (step, event) {
            // Another tab may have completed the sign-in; the person may still cancel this one.
            (Step::Satisfied(_), event) => *event == Event::GaveUp,
            (Step::Refused(_), _) | (_, Event::Arrived) => false,
            (_, Event::Consented) => *step == Step::Consent,
            (_, Event::Denied(kind)) => step.asks_for(*kind),
            (_, Event::DeviceAdded(inputs)) => matches!(step, Step::Enroll { .. }) && is_own(inputs),
            (_, Event::PasswordChanged(inputs)) => *step == Step::ChangePassword && is_own(inputs),
            (_, Event::Identified(_) | Event::Proved(_) | Event::GaveUp) => true,
        }
    }

    fn with(mut self, event: Event, inputs: &Inputs) -> Self {
        match event {
            Event::Arrived => {}
            Event::Identified(inputs) => self.identify(inputs.methods.person),
            // Written only where it decides: a node of an older version does not know it.
            Event::DeviceAdded(_) => self.has_added_device = self.demand.adds_device,
            // Every session of the person has ended; the proofs of this sign-in stay.
            Event::PasswordChanged(_) => self.session = None,
            Event::Proved(proof) => self.prove(proof, inputs),
            Event::Denied(_) => self.ended = Some(SignInFailure::Denied),
            Event::Consented => self.is_consented = true,
            Event::GaveUp => self.ended = Some(SignInFailure::Cancelled),
        }
        self
    }

    fn identify(&mut self, person: Option<PersonId>) {
        if self.subject.person() != person || person.is_none() {
            self.proofs.clear();
            self.is_consented = false;
            self.has_added_device = false;
        }
        self.is_chosen = true;
        self.subject = Subject::named(person);
    }

    /// Adds a proof of the current person, replacing one of the same kind; ignores a proof of another person, and of one
    /// who may not sign in here.
    fn prove(&mut self, proof: Proof, inputs: &Inputs) {
        if self.admitted(inputs) == Some(proof.person()) {
            self.proofs.retain(|earlier| earlier.kind() != proof.kind());
            self.proofs.push(proof);
        }
    }
}

/// The effects that withdraw an open challenge: on cancelling, on another factor, and on another name.
fn withdrawn_by(event: &Event, journey: &Journey, inputs: &Inputs) -> Vec<Effect> {
    let is_other = |named: &Inputs| {
        journey.subject != Subject::Unnamed && journey.subject.person() != named.methods.person
    };
    match event {
        Event::GaveUp => vec![Effect::SupersedeChallenges(WithdrawalReason::Cancelled)],
        Event::Proved(proof) if !method(proof.kind()).is_challenged && may_have_asked(journey, inputs) => {
            vec![Effect::SupersedeChallenges(WithdrawalReason::OtherFactor)]
        }
        Event::Identified(named) if is_other(named) => {
            vec![Effect::SupersedeChallenges(WithdrawalReason::OtherPerson)]
        }
        _ => Vec::new(),
    }
}

/// Whether a challenge of this sign-in may be open: one is sent after a first proof, of this sign-in or of its session,
/// or as the first proof.
fn may_have_asked(journey: &Journey, inputs: &Inputs) -> bool {
    let is_first = |kind: &FactorKind| method(*kind).is_challenged;
    journey.proved_person().is_some() || inputs.policy.first_factors.iter().any(is_first)
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
