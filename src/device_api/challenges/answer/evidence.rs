//! Reads the rows by which an answer is judged, and passes them to the pure rules.

use crate::{
    actions::{
        approvals::{self, Answering, Challenge, ChallengeDevice},
        devices::{self, Authenticator},
        enrollment::verifier,
        people,
    },
    app::{App, RequestContext, Tenant, sealed_columns::code_key},
    audit::Actor,
    clock::Timestamp,
    device_api::{
        device_request::{key_of, state_of},
        uv_credential::credential_of,
    },
    directory::{Person, UserVerification},
    factors::push::{
        DeviceKey,
        answer::{Answer, AnswerContext, AnswerRefusal, AnsweredChallenge, AnsweringDevice, Verdict},
        user_verification::{UserVerifier, UvCredential},
    },
    fault::Fault,
};
use std::sync::Arc;

/// The rows to which an answer refers.
pub struct Evidence {
    /// The device with the answer's key.
    pub device: Option<Authenticator>,
    /// The device's owner.
    pub person: Option<Person>,
    key: Option<DeviceKey>,
    credential: Option<UvCredential>,
    challenge: Option<(Challenge, ChallengeDevice)>,
    requirement: UserVerification,
    verifier: Option<UserVerifier>,
    tenant: Arc<Tenant>,
    now: Timestamp,
}

impl Evidence {
    /// Reads the rows.
    pub async fn gather(app: &App, context: &RequestContext, answer: &Answer) -> Result<Self, Fault> {
        let device = devices::find_by_key(app, &context.tenant, answer.kid()).await?;
        let mut evidence = Self {
            key: device.as_ref().and_then(key_of),
            credential: device.as_ref().map(credential_of).transpose()?.flatten(),
            challenge: None,
            person: None,
            requirement: UserVerification::Required,
            verifier: verifier(app, &context.tenant),
            device,
            tenant: Arc::clone(&context.tenant),
            now: context.now,
        };
        let Some(device) = &evidence.device else { return Ok(evidence) };
        let person = people::get(app, &context.tenant, device.person_id()).await?;
        evidence.requirement =
            context.tenant.directory.pool(person.pool_id).await?.policy.push.user_verification;
        evidence.person = Some(person);
        if let Ok(id) = answer.challenge().parse() {
            evidence.challenge = approvals::find(app, device.id(), id).await?;
        }
        Ok(evidence)
    }

    /// Returns the rules' verdict. An answer whose `cid` differs from the path's has no challenge.
    pub fn judge(&self, app: &App, answer: &Answer, is_for_path: bool) -> Verdict {
        let number_key = code_key(&app.sealing);
        let context = AnswerContext {
            issuer: self.tenant.issuer(),
            number_key: &number_key,
            user_verification: self.requirement,
            verifier: self.verifier.as_ref(),
            now: self.now,
        };
        let challenge = self.challenge.as_ref().filter(|_| is_for_path);
        let challenge = challenge.map(|(challenge, targeted)| AnsweredChallenge {
            id: challenge.id(),
            state: challenge.state_at(self.now),
            expires_at: challenge.expires_at(),
            nonce: &targeted.nonce,
            details: challenge.details(),
            digits: u8::try_from(challenge.digits()).unwrap_or_default(),
            number_hash: challenge.number_hash(),
            qr_hash: challenge.qr_hash(),
            answer_digest: challenge.answer_digest(),
        });
        answer.verify(self.answering_device().as_ref(), challenge.as_ref(), &context)
    }

    fn answering_device(&self) -> Option<AnsweringDevice<'_>> {
        let (device, person, key) = (self.device.as_ref()?, self.person.as_ref()?, self.key.as_ref()?);
        let state = state_of(device, person);
        Some(AnsweringDevice { id: device.id(), key, state, uv_credential: self.credential.as_ref() })
    }

    /// Returns the rows for the use cases; the device exists unless the rules did not know it.
    pub fn answering(&self) -> Result<Answering<'_>, Fault> {
        let challenge = self.challenge.as_ref().map(|(challenge, _)| challenge);
        match (&self.device, &self.person) {
            (Some(device), Some(person)) => Ok(Answering { device, person, challenge }),
            _ => Err(Fault::broken("an answer was judged without its device")),
        }
    }

    /// Returns who answers: the device's owner, unless the device's key has not signed the answer.
    pub fn actor(&self, verdict: &Verdict) -> Actor {
        match (verdict, &self.person) {
            (Verdict::Refused(AnswerRefusal::DeviceUnknown), _) | (_, None) => Actor::Anonymous,
            (_, Some(person)) => Actor::Person(person.id),
        }
    }
}
