//! Verifies an answer against the device, the challenge and the policy.

use super::parse::{Answer, AnswerAction, AnswerMark};
use super::refusal::AnswerRefusal;
use crate::clock::Timestamp;
use crate::directory::UserVerification;
use crate::factors::push::user_verification::{UserVerifier, UvCredential};
use crate::factors::push::{DeviceKey, Transition, details, is_open, number, qr};
use ::entity::enums::{AuthenticatorState, ChallengeState};
use ::entity::ids::{AuthenticatorId, ChallengeId};

/// The device with the answer's `kid`.
#[derive(Clone, Copy, Debug)]
pub struct AnsweringDevice<'a> {
    /// The device's id.
    pub id: AuthenticatorId,
    /// The device's public key.
    pub key: &'a DeviceKey,
    /// The device's state.
    pub state: AuthenticatorState,
    /// The credential for user verification, if registered.
    pub uv_credential: Option<&'a UvCredential>,
}

/// The challenge as sent to this device.
#[derive(Clone, Copy, Debug)]
pub struct AnsweredChallenge<'a> {
    /// The challenge's id.
    pub id: ChallengeId,
    /// The challenge's state.
    pub state: ChallengeState,
    /// The expiry.
    pub expires_at: Timestamp,
    /// The nonce of this device, `chn`.
    pub nonce: &'a str,
    /// The details text as sent.
    pub details: &'a str,
    /// The number of digits to type.
    pub digits: u8,
    /// The hash of the number.
    pub number_hash: &'a [u8],
    /// The hash of the QR code's nonce; `None` if scanning is not offered.
    pub qr_hash: Option<&'a [u8]>,
    /// The digest of the accepted answer, if any.
    pub answer_digest: Option<&'a [u8]>,
}

/// The server's settings for a verification.
#[derive(Clone, Copy, Debug)]
pub struct AnswerContext<'a> {
    /// The issuer identifier, the expected `aud`.
    pub issuer: &'a str,
    /// The HMAC key of the hashes of number and QR code.
    pub number_key: &'a [u8],
    /// The policy on user verification.
    pub user_verification: UserVerification,
    /// The verifier of assertions; `None` if the authenticator's host is not a name.
    pub verifier: Option<&'a UserVerifier>,
    /// The current time.
    pub now: Timestamp,
}

/// The result of verifying an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Valid: run the transition of `act`.
    Verified {
        /// The action.
        act: AnswerAction,
        /// The values to write.
        mark: AnswerMark,
        /// Whether the user was verified; `None` if not requested.
        user_verified: Option<bool>,
        /// The credential to store, with its counter advanced.
        credential: Option<Box<UvCredential>>,
    },
    /// An approval with a wrong number or the QR code of another challenge: it denies the challenge
    /// ([`Mismatch`](crate::factors::push::ChallengeTransition::Mismatch)). There is no second attempt.
    NumberMismatch(AnswerMark),
    /// A repeat of the accepted answer: send the stored result again.
    Repeated,
    /// Refused: the challenge stays unchanged.
    Refused(AnswerRefusal),
}

impl Answer {
    /// Verifies a parsed answer in the order of authenticator protocol §5.3. `device` is `None` for an unknown
    /// `kid`, `challenge` if it does not exist or was not sent to this device. An unknown `kid` costs a
    /// signature check like a known one, so that timing does not reveal which keys are enrolled.
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

    /// Checks the signature, then the state: only the holder of the key may learn the device's state.
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
            AuthenticatorState::Active => Ok(device),
            AuthenticatorState::Revoked => Err(AnswerRefusal::DeviceRevoked),
            state @ (AuthenticatorState::PendingConfirm | AuthenticatorState::Suspended) => {
                Err(AnswerRefusal::DeviceNotActive(state))
            }
        }
    }

    /// Checks that the device showed the details as sent. A denial from a notification may omit both members,
    /// because the device has not fetched the challenge.
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
        if state == ChallengeState::Expired || (is_open(state) && challenge.expires_at <= now) {
            return Err(AnswerRefusal::Expired);
        }
        // A report is heard after the sign-in too: the challenge stays consumed.
        if matches!(self.act, AnswerAction::Report(_)) && state == ChallengeState::Consumed {
            return Ok(());
        }
        self.act.transition().apply(state).map(|_| ()).ok_or(AnswerRefusal::Closed(state))
    }

    /// Checks user verification. An assertion that is present is always verified, regardless of the policy.
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

    /// Checks the form of the typed or scanned value. A wrong form or a binding that is not offered is
    /// refused without using up the attempt.
    fn check_form(&self, challenge: &AnsweredChallenge<'_>) -> Result<(), AnswerRefusal> {
        let wrong = match (self.core.num.as_deref(), self.core.qr.as_deref()) {
            (Some(typed), None) if number::has_form(typed, challenge.digits) => return Ok(()),
            (Some(_), _) => "num must have exactly number_digits decimal digits",
            (None, _) if challenge.qr_hash.is_none() => "qr is not among the challenge's binding values",
            (None, Some(scanned)) if qr::has_form(scanned) => return Ok(()),
            (None, _) => "qr must be the 22 characters after the challenge id in the QR code",
        };
        Err(AnswerRefusal::Invalid(wrong))
    }

    /// Compares the typed or scanned value with what the browser of this challenge shows.
    fn is_of_browser(&self, challenge: &AnsweredChallenge<'_>, key: &[u8]) -> bool {
        match (self.core.num.as_deref(), self.core.qr.as_deref(), challenge.qr_hash) {
            (Some(typed), None, _) => number::is_right(key, challenge.id, typed, challenge.number_hash),
            (None, Some(scanned), Some(stored)) => qr::is_right(key, challenge.id, scanned, stored),
            _ => false,
        }
    }
}
