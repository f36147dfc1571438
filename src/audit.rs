//! Which events the audit trail knows: stable dotted codes and typed details.
//!
//! Never writes: storage keeps a line in the transaction of what it tells of. No secret and no typed text is in one.
//! Spec: none; an event's code and the members of its detail are a promise to whoever reads the trail.
//! Called by: `journey` and the faces, which say what happened, and `storage`, which keeps it.

use ::entity::ids::{AuthenticatorId, ClientKey, JourneyId, PersonId};
use serde::Serialize;
use serde_json::{Map, Value};

macro_rules! audit_events {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)+ })? = $code:literal;)+) => {
        /// Something that happened and must be findable later.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum AuditEvent {
            $($(#[$doc])* $name $({ $($(#[$field_doc])* $field: $type,)+ })?,)+
        }

        impl AuditEvent {
            /// Every code there is.
            pub const CODES: &'static [&'static str] = &[$($code,)+];

            /// The stable code.
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)+
                }
            }
        }
    };
}

audit_events! {
    /// Someone is signed in, and a client is told so.
    SignInSucceeded {
        /// `proved` here and now, by the browser's `session`, or by that `silently` (`prompt=none`).
        how: &'static str,
        /// The class that was reached.
        acr: &'static str,
        /// What was done.
        amr: Vec<&'static str>,
    } = "sign_in.succeeded";
    /// A sign-in ended without.
    SignInRefused {
        /// Why.
        reason: &'static str,
    } = "sign_in.refused";
    /// A wrong password, or a name that does not exist; the line's person says which.
    PasswordWrong = "password.wrong";
    /// A password attempt that was not even looked at.
    PasswordBlocked {
        /// Until when, in Unix seconds.
        until: i64,
    } = "password.blocked";
    /// A password was set or changed.
    PasswordChanged = "password.changed";
    /// A wrong code.
    TotpWrong {
        /// `wrong`, `already_used` or `clock_off`.
        reason: &'static str,
    } = "totp.wrong";
    /// A code that was not even looked at.
    TotpBlocked {
        /// Until when, in Unix seconds.
        until: i64,
    } = "totp.blocked";
    /// A pairing began.
    EnrollmentStarted = "enrollment.started";
    /// A device locked a pairing to its key.
    EnrollmentClaimed {
        /// What the authenticator says it runs on.
        platform: String,
    } = "enrollment.claimed";
    /// Another device tried to claim what one had claimed.
    EnrollmentContested = "enrollment.contested";
    /// The device registered its key.
    EnrollmentCompleted {
        /// The device's name.
        name: String,
    } = "enrollment.completed";
    /// The confirmation code was typed back: the device is in use.
    EnrollmentConfirmed = "enrollment.confirmed";
    /// A pairing ended without a device.
    EnrollmentFailed {
        /// `confirmation`, `claims`, `cancelled`, `expired`, or `second_factor_exists`: the person had got one elsewhere.
        reason: &'static str,
    } = "enrollment.failed";
    /// Devices were asked.
    ChallengeCreated {
        /// How many.
        devices: usize,
    } = "challenge.created";
    /// A device fetched the challenge.
    ChallengeDelivered = "challenge.delivered";
    /// Approved.
    ChallengeApproved {
        /// Whether the device verified its user; null where nobody asked.
        user_verified: Option<bool>,
        /// `number` or `qr`: how what the browser showed came to the device.
        binding: Option<&'static str>,
        /// What the device was told beside the details, as `far_from_phone`.
        advice: Vec<&'static str>,
    } = "challenge.approved";
    /// Denied on the device.
    ChallengeDenied {
        /// What the device was told beside the details.
        advice: Vec<&'static str>,
    } = "challenge.denied";
    /// "This was not me."
    ChallengeReported {
        /// `not_me` or `unsure`.
        why: &'static str,
        /// What the device was told beside the details.
        advice: Vec<&'static str>,
    } = "challenge.reported";
    /// Approved with a wrong number, or the QR code of another challenge.
    ChallengeMismatched {
        /// `number` or `qr`: which of them.
        binding: Option<&'static str>,
        /// What the device was told beside the details.
        advice: Vec<&'static str>,
    } = "challenge.mismatched";
    /// Its time was over. The line may come up to an hour later.
    ChallengeExpired {
        /// `unanswered`, or `unclaimed` for an approval that its browser did not pick up.
        reason: &'static str,
        /// Since when, in Unix seconds.
        at: i64,
    } = "challenge.expired";
    /// Withdrawn.
    ChallengeSuperseded {
        /// `resent`, `cancelled`, `other_factor`, `other_person`, `reported`, `device_removed` or
        /// `device_suspended`.
        reason: &'static str,
    } = "challenge.superseded";
    /// The browser took the approval.
    ChallengeConsumed = "challenge.consumed";
    /// An answer that does not count.
    AnswerRefused {
        /// The problem's code.
        reason: &'static str,
    } = "answer.refused";
    /// The accepted answer came again.
    AnswerReplayed = "answer.replayed";
    /// One counter came with two contents: two copies of a key may exist.
    AnswerCounterConflict {
        /// The counter.
        ctr: i64,
    } = "answer.counter_conflict";
    /// A push was not sent, because a limit says so.
    PushLimited {
        /// Which.
        limit: &'static str,
    } = "push.limited";
    /// No device of the person rings for a while.
    PushMuted {
        /// Until when, in Unix seconds.
        until: i64,
        /// `report` or `denials`.
        reason: &'static str,
    } = "push.muted";
    /// A device is reached another way.
    TransportChanged {
        /// `webpush` or `none`.
        kind: &'static str,
    } = "transport.changed";
    /// A push service no longer knows a device.
    TransportGone {
        /// What it answered.
        status: u16,
    } = "transport.gone";
    /// A device signs with another key.
    DeviceKeyRotated = "device.key_rotated";
    /// A device was stopped.
    DeviceSuspended {
        /// `bad_signatures`, `counter_conflict` or `administrator`.
        reason: &'static str,
    } = "device.suspended";
    /// A device was removed.
    DeviceRevoked {
        /// `person`, `administrator` or `device`.
        by: &'static str,
    } = "device.revoked";
    /// Someone let a client have something.
    ConsentGiven {
        /// The scopes.
        scopes: Vec<String>,
    } = "consent.given";
    /// A browser was signed out.
    SessionEnded {
        /// `person`, `relying_party`, `replaced` or `administrator`.
        by: &'static str,
    } = "session.ended";
    /// A client was given tokens.
    TokensIssued {
        /// The grant type.
        grant_type: &'static str,
    } = "token.issued";
    /// A client gave tokens back.
    TokenRevoked = "token.revoked";
    /// A code was redeemed a second time: what the first redemption issued is revoked.
    CodeReplayed = "code.replayed";
    /// An old refresh token was used: its family is revoked.
    RefreshTokenReused = "refresh_token.reused";
    /// A client did not authenticate.
    ClientAuthenticationFailed {
        /// The endpoint.
        endpoint: &'static str,
    } = "client.authentication_failed";
    /// A person was added.
    PersonAdded = "person.added";
    /// All methods of a person but the password were removed.
    PersonFactorsReset = "person.factors_reset";
    /// A client was added.
    ClientAdded = "client.added";
}

impl AuditEvent {
    /// The detail as a JSON object, empty where the code says it all.
    pub fn detail(&self) -> Value {
        match serde_json::to_value(self) {
            Ok(Value::Object(detail)) => Value::Object(detail),
            _ => Value::Object(Map::new()),
        }
    }
}

/// Whom and what an event is about, as far as known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditSubject {
    /// The person.
    pub person: Option<PersonId>,
    /// The relying party.
    pub client: Option<ClientKey>,
    /// The device or generator.
    pub authenticator: Option<AuthenticatorId>,
    /// The sign-in.
    pub journey: Option<JourneyId>,
}

/// Where the request that caused an event came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSource {
    /// The address.
    pub address: Option<String>,
    /// The program, shortened.
    pub agent: Option<String>,
    /// The request's id, as error pages show it.
    pub request_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_dotted_lower_case_and_there_once() {
        let codes: BTreeSet<_> = AuditEvent::CODES.iter().collect();
        assert_eq!(codes.len(), AuditEvent::CODES.len());
        for code in codes {
            let (subject, verb) = code.split_once('.').unwrap();
            for word in [subject, verb] {
                assert!(
                    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                    "{code}"
                );
            }
        }
    }

    #[test]
    fn the_detail_is_always_an_object() {
        let event = AuditEvent::AnswerRefused { reason: "uv_required" };
        assert_eq!(
            (event.code(), event.detail()),
            ("answer.refused", serde_json::json!({"reason": "uv_required"}))
        );
        assert_eq!(AuditEvent::ChallengeDelivered.detail(), serde_json::json!({}));
    }
}
