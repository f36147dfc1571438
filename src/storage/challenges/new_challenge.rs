//! A challenge to be sent.

use super::Challenge;
use crate::{
    clock::Timestamp,
    storage::{Fault, Topic, Transaction, insert::insert},
};
use ::entity::{
    challenge::Model,
    challenge_device,
    enums::{ChallengePurpose, ChallengeState},
    ids::{AuthenticatorId, ChallengeId, JourneyId, PersonId, WorkspaceId},
};

/// A challenge to be sent.
#[derive(Clone, Debug)]
pub struct NewChallenge {
    /// Its id.
    pub id: ChallengeId,
    /// The workspace of its person.
    pub workspace_id: WorkspaceId,
    /// The person whose devices are asked.
    pub person_id: PersonId,
    /// The sign-in that asks.
    pub journey_id: Option<JourneyId>,
    /// Whether the person had proved a held factor in its browser before.
    pub is_from_known_browser: bool,
    /// The details as the exact text whose hash is signed.
    pub details: String,
    /// The hash of the number on the page.
    pub number_hash: Vec<u8>,
    /// The number on the page, sealed.
    pub number_sealed: Vec<u8>,
    /// The number of its digits.
    pub digits: u8,
    /// The hash of the nonce in the QR code, and the nonce, sealed; `None` without a QR code.
    pub qr: Option<(Vec<u8>, Vec<u8>)>,
    /// The time of its sending.
    pub created_at: Timestamp,
    /// The time until which it may be answered.
    pub expires_at: Timestamp,
}

/// Adds a challenge and the devices that it is sent to, each with the nonce that it signs; returns the
/// challenge.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_challenge(
    tx: &Transaction,
    new: NewChallenge,
    devices: Vec<(AuthenticatorId, String)>,
) -> Result<Challenge, Fault> {
    tx.announce(Topic::Devices(new.person_id));
    tx.announce(Topic::Challenge(new.id));
    let row = row_of(new);
    insert(tx, row.clone()).await?;
    for (authenticator_id, nonce) in devices {
        let challenge_id = row.id;
        insert(tx, challenge_device::Model { challenge_id, authenticator_id, nonce, delivered_at: None })
            .await?;
    }
    Ok(Challenge(row))
}

fn row_of(new: NewChallenge) -> Model {
    let (qr_hash, qr_sealed) = new.qr.unzip();
    Model {
        id: new.id,
        workspace_id: new.workspace_id,
        person_id: new.person_id,
        journey_id: new.journey_id,
        purpose: ChallengePurpose::SignIn,
        state: ChallengeState::Pending,
        version: 1,
        details: new.details,
        number_hash: new.number_hash,
        number_sealed: new.number_sealed,
        digits: i32::from(new.digits),
        qr_hash,
        qr_sealed,
        created_at: new.created_at,
        expires_at: new.expires_at,
        answered_by: None,
        answered_at: None,
        consume_by: None,
        reason: None,
        answer_digest: None,
        user_verified: None,
        session_id: None,
        reported_at: None,
        is_from_known_browser: new.is_from_known_browser,
    }
}
