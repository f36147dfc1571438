//! Runs the effects of a step, all of them and only here, in the transaction that saves it.

use super::submission::Submission;
use crate::{
    actions::{
        approvals::{self, Ask},
        enrollment::{self, Offer},
    },
    fault::Fault,
    journey::Effect,
    storage::challenges::ChallengeFilter,
};

/// Runs effects. The sign-in is saved: challenges and enrollments refer to its row.
pub(super) async fn run(submission: &Submission<'_>, effects: &[Effect]) -> Result<(), Fault> {
    for effect in effects {
        match effect {
            Effect::ChallengeDevices => challenge_devices(submission).await?,
            Effect::OfferEnrollment => offer_enrollment(submission).await?,
            Effect::SupersedeChallenges(reason) => {
                let filter = ChallengeFilter::Journey(submission.sign_in.id());
                let context = submission.sign_in.context(submission.visit);
                approvals::withdraw(submission.visit.app, submission.tx(), filter, *reason, &context).await?;
            }
            Effect::Audit(event) => submission.audit(event, submission.sign_in.about()).await?,
        }
    }
    Ok(())
}

async fn challenge_devices(submission: &Submission<'_>) -> Result<(), Fault> {
    let sign_in = &submission.sign_in;
    let Some(person) = sign_in.person() else { return Ok(()) };
    let ask = Ask {
        journey: sign_in.id(),
        person,
        client: &sign_in.client,
        browser_hash: &sign_in.stored.browser_hash,
    };
    let context = sign_in.context(submission.visit);
    approvals::ask(submission.visit.app, submission.tx(), &context, &ask).await
}

async fn offer_enrollment(submission: &Submission<'_>) -> Result<(), Fault> {
    let sign_in = &submission.sign_in;
    let Some(person) = sign_in.person() else { return Ok(()) };
    let is_proved = sign_in.is_proved_by_second_factor();
    let offer = Offer { journey: sign_in.id(), person, client: sign_in.client.key, is_proved };
    let context = sign_in.context(submission.visit);
    enrollment::offer(submission.visit.app, submission.tx(), &context, &offer).await
}
