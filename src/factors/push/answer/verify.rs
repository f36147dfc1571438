//! Whether an answer counts.

use super::parse::{Answer, AnswerAction};
use super::refusal::AnswerRefusal;
use crate::clock::Timestamp;
use crate::directory::UserVerification;
use crate::factors::push::user_verification::{UserVerifier, UvCredential};
use crate::factors::push::{ChallengeState, DeviceKey, DeviceState, details, number, qr};
use ::entity::ids::{AuthenticatorId, ChallengeId};

/// The device that is said to answer.
#[derive(Clone, Copy, Debug)]
pub struct AnsweringDevice<'a> {
    /// Its id.
    pub id: AuthenticatorId,
    /// Its key.
    pub key: &'a DeviceKey,
    /// Where it is.
    pub state: DeviceState,
    /// Its credential for user verification.
    pub uv_credential: Option<&'a UvCredential>,
}

/// The challenge that is answered, as it was sent to this device.
#[derive(Clone, Copy, Debug)]
pub struct AnsweredChallenge<'a> {
    /// Its id.
    pub id: ChallengeId,
    /// Where it is.
    pub state: ChallengeState,
    /// When it expires.
    pub expires_at: Timestamp,
    /// This device's nonce, `chn`.
    pub nonce: &'a str,
    /// The text that was shown.
    pub details: &'a str,
    /// How many digits are typed.
    pub digits: u8,
    /// The number's hash.
    pub number_hash: &'a [u8],
    /// The hash of the QR code's nonce; `None` where scanning is no way that was offered.
    pub qr_hash: Option<&'a [u8]>,
    /// The digest of the answer that was accepted, if one was.
    pub answer_digest: Option<&'a [u8]>,
}

/// What the server knows beside the rows.
#[derive(Clone, Copy, Debug)]
pub struct AnswerContext<'a> {
    /// Who the answer must be for.
    pub issuer: &'a str,
    /// The key of the hashes of number and QR code.
    pub number_key: &'a [u8],
    /// Whether the user must be verified.
    pub user_verification: UserVerification,
    /// Who checks that; `None` where the authenticator's address is not a name.
    pub verifier: Option<&'a UserVerifier>,
    /// The present.
    pub now: Timestamp,
}

/// What storage writes with the guarded statement.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerMark {
    /// The device's counter; the same one with another digest suspends the device.
    pub ctr: i64,
    /// SHA-256 of the core: what the same answer again is known by.
    pub digest: [u8; 32],
}

/// What an answer is.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Right in every respect: run the transition of `act`.
    Verified {
        /// What was said.
        act: AnswerAction,
        /// What to write.
        mark: AnswerMark,
        /// Whether the user was verified; `None` where nobody asked.
        user_verified: Option<bool>,
        /// The credential to store, its counter moved on.
        credential: Option<Box<UvCredential>>,
    },
    /// An approval with a wrong number or the QR code of another challenge: run [`Transition::Mismatch`]. There is no second attempt.
    NumberMismatch(AnswerMark),
    /// The accepted answer again: the stored result again.
    Repeated,
    /// Nothing happens.
    Refused(AnswerRefusal),
}

impl Answer {
    /// Steps 2 to 6. `device` is `None` when nobody has this `kid`, `challenge` when there is none or it was not sent
    /// to this device: the work up to there is the same.
    pub fn verify(
        &self,
        device: Option<&AnsweringDevice<'_>>,
        challenge: Option<&AnsweredChallenge<'_>>,
        context: &AnswerContext<'_>,
    ) -> Verdict {
        self.judge(device, challenge, context).unwrap_or_else(Verdict::Refused)
    }

    fn judge(
        &self,
        device: Option<&AnsweringDevice<'_>>,
        challenge: Option<&AnsweredChallenge<'_>>,
        context: &AnswerContext<'_>,
    ) -> Result<Verdict, AnswerRefusal> {
        let device = self.check_device(device)?;
        if self.core.aud != context.issuer || self.core.iss != device.id.to_string() {
            return Err(AnswerRefusal::Invalid("aud must be the issuer and iss this device"));
        }
        let challenge = challenge
            .filter(|challenge| self.core.cid == challenge.id.to_string())
            .ok_or(AnswerRefusal::ChallengeUnknown)?;
        let mark = self.mark();
        if challenge.answer_digest == Some(mark.digest.as_slice()) {
            return Ok(Verdict::Repeated);
        }
        self.check_binding(challenge)?;
        self.check_open(challenge, context.now)?;
        if self.act != AnswerAction::Approve {
            return Ok(Verdict::Verified { act: self.act, mark, user_verified: None, credential: None });
        }
        self.check_form(challenge)?;
        let credential = self.check_user(device, context)?;
        if !self.is_of_browser(challenge, context.number_key) {
            return Ok(Verdict::NumberMismatch(mark));
        }
        let user_verified = match context.user_verification {
            UserVerification::Off if credential.is_none() => None,
            _ => Some(credential.is_some()),
        };
        Ok(Verdict::Verified { act: self.act, mark, user_verified, credential: credential.map(Box::new) })
    }

    /// Step 2: the signature, then the device's state: only who proves the key learns of it.
    fn check_device<'d, 'a>(
        &self,
        device: Option<&'d AnsweringDevice<'a>>,
    ) -> Result<&'d AnsweringDevice<'a>, AnswerRefusal> {
        let Some(device) = device else {
            self.jws.check_with_dummy_key();
            return Err(AnswerRefusal::DeviceUnknown);
        };
        if !self.jws.is_signed_by(device.key) {
            return Err(AnswerRefusal::DeviceUnknown);
        }
        match device.state {
            DeviceState::Active => Ok(device),
            DeviceState::Revoked => Err(AnswerRefusal::DeviceRevoked),
            state @ (DeviceState::PendingConfirm | DeviceState::Suspended) => {
                Err(AnswerRefusal::DeviceNotActive(state))
            }
        }
    }

    /// Step 3: what was shown is what was sent. A denial from a notification has fetched nothing.
    fn check_binding(&self, challenge: &AnsweredChallenge<'_>) -> Result<(), AnswerRefusal> {
        let dh = details::hash(challenge.details);
        let fits = |claimed: &Option<String>, expected: &str| match claimed {
            Some(claimed) => claimed == expected && !expected.is_empty(),
            None => self.act != AnswerAction::Approve,
        };
        if fits(&self.core.chn, challenge.nonce) && fits(&self.core.dh, &dh) {
            Ok(())
        } else {
            Err(AnswerRefusal::Mismatch)
        }
    }

    fn check_open(&self, challenge: &AnsweredChallenge<'_>, now: Timestamp) -> Result<(), AnswerRefusal> {
        let state = challenge.state;
        if state == ChallengeState::Expired || (state.is_open() && challenge.expires_at <= now) {
            return Err(AnswerRefusal::Expired);
        }
        self.act.transition().apply(state).map(|_| ()).ok_or(AnswerRefusal::Closed(state))
    }

    /// Step 5: user verification. An assertion that is there is checked whatever the policy says.
    fn check_user(
        &self,
        device: &AnsweringDevice<'_>,
        context: &AnswerContext<'_>,
    ) -> Result<Option<UvCredential>, AnswerRefusal> {
        let Some(assertion) = &self.uv else {
            return match context.user_verification {
                UserVerification::Required => Err(AnswerRefusal::UvRequired),
                UserVerification::Preferred | UserVerification::Off => Ok(None),
            };
        };
        let (Some(verifier), Some(credential)) = (context.verifier, device.uv_credential) else {
            return Err(AnswerRefusal::UvInvalid);
        };
        verifier
            .verify(credential, assertion, &self.core_bytes)
            .map(Some)
            .map_err(|_| AnswerRefusal::UvInvalid)
    }

    /// What was typed or scanned has the form that was asked for; what has another, or comes by a way that was not
    /// offered, costs nothing.
    fn check_form(&self, challenge: &AnsweredChallenge<'_>) -> Result<(), AnswerRefusal> {
        let wrong = match (self.core.num.as_deref(), self.core.qr.as_deref()) {
            (Some(typed), None) if number::has_form(typed, challenge.digits) => return Ok(()),
            (Some(_), _) => "num must have exactly number_digits digits",
            (None, _) if challenge.qr_hash.is_none() => "qr is not a way that binding offers",
            (None, Some(scanned)) if qr::has_form(scanned) => return Ok(()),
            (None, _) => "qr must be the 22 characters behind the challenge of the QR code",
        };
        Err(AnswerRefusal::Invalid(wrong))
    }

    /// Step 6: whether it is what the browser of this challenge shows.
    fn is_of_browser(&self, challenge: &AnsweredChallenge<'_>, key: &[u8]) -> bool {
        match (self.core.num.as_deref(), self.core.qr.as_deref(), challenge.qr_hash) {
            (Some(typed), None, _) => number::is_right(key, challenge.id, typed, challenge.number_hash),
            (None, Some(scanned), Some(stored)) => qr::is_right(key, challenge.id, scanned, stored),
            _ => false,
        }
    }
}
