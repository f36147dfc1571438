//! The kinds of events, with their codes and details.

use super::Changes;
use serde::Serialize;
use serde_json::{Map, Value};

macro_rules! audit_events {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)+ })? = $code:literal;)+) => {
        /// An event for the audit log.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum AuditEvent {
            $($(#[$doc])* $name $({ $($(#[$field_doc])* $field: $type,)+ })?,)+
        }

        impl AuditEvent {
            /// Every code, each once.
            pub const CODES: &'static [&'static str] = &[$($code,)+];

            /// Returns the stable code.
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)+
                }
            }
        }
    };
}

audit_events! {
    /// A person signed in, and the client was answered with a code.
    SignInSucceeded {
        /// `proved` by factors in this sign-in, by the browser's `session`, or by that session `silently`
        /// (`prompt=none`).
        how: &'static str,
        /// The authentication context class that was reached.
        acr: &'static str,
        /// The authentication methods.
        amr: Vec<&'static str>,
    } = "sign_in.succeeded";
    /// A sign-in ended without success.
    SignInRefused {
        /// The reason.
        reason: &'static str,
    } = "sign_in.refused";
    /// A person confirmed one action on their account by a held factor, and it was done.
    ActionConfirmed {
        /// `add_device`.
        action: &'static str,
    } = "action.confirmed";
    /// A wrong password, or an unknown username; the person of the event distinguishes them.
    PasswordWrong = "password.wrong";
    /// A password attempt that was refused without a check.
    PasswordBlocked {
        /// The end of the lockout, in Unix seconds.
        until: i64,
    } = "password.blocked";
    /// A password was set or changed.
    PasswordChanged = "password.changed";
    /// A wrong one-time code.
    TotpWrong {
        /// `wrong`, `already_used` or `clock_off`.
        reason: &'static str,
    } = "totp.wrong";
    /// A one-time code that was refused without a check.
    TotpBlocked {
        /// The end of the lockout, in Unix seconds.
        until: i64,
    } = "totp.blocked";
    /// An enrollment started.
    EnrollmentStarted = "enrollment.started";
    /// A device claimed an enrollment for its key.
    EnrollmentClaimed {
        /// The platform that the authenticator reports.
        platform: String,
    } = "enrollment.claimed";
    /// Another device tried to claim a claimed enrollment.
    EnrollmentContested = "enrollment.contested";
    /// The device registered its key.
    EnrollmentCompleted {
        /// The device's name.
        name: String,
    } = "enrollment.completed";
    /// The confirmation code was typed back; the device is active.
    EnrollmentConfirmed = "enrollment.confirmed";
    /// An enrollment ended without a device.
    EnrollmentFailed {
        /// `confirmation`, `claims`, `cancelled`, `expired`, or `second_factor_exists`: the person had got one elsewhere.
        reason: &'static str,
    } = "enrollment.failed";
    /// A challenge was sent to devices.
    ChallengeCreated {
        /// The number of devices.
        devices: usize,
    } = "challenge.created";
    /// A device fetched the challenge.
    ChallengeDelivered = "challenge.delivered";
    /// A challenge was approved.
    ChallengeApproved {
        /// Whether the device verified its user; null where it was not requested.
        user_verified: Option<bool>,
        /// `number` or `qr`: how the value shown by the browser reached the device.
        binding: Option<&'static str>,
        /// The warnings that the device received beside the details, such as `far_from_phone`.
        advice: Vec<&'static str>,
    } = "challenge.approved";
    /// A challenge was denied on the device.
    ChallengeDenied {
        /// The warnings that the device received beside the details.
        advice: Vec<&'static str>,
    } = "challenge.denied";
    /// The person reported that the sign-in was not theirs.
    ChallengeReported {
        /// `not_me` or `unsure`.
        why: &'static str,
        /// The warnings that the device received beside the details.
        advice: Vec<&'static str>,
        /// Whether the browser had consumed the approval; left out when it had not.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        after_sign_in: bool,
    } = "challenge.reported";
    /// An approval with a wrong number, or with the QR code of another challenge.
    ChallengeMismatched {
        /// `number` or `qr`: the value that was wrong.
        binding: Option<&'static str>,
        /// The warnings that the device received beside the details.
        advice: Vec<&'static str>,
    } = "challenge.mismatched";
    /// A challenge expired. The event may be written up to an hour later.
    ChallengeExpired {
        /// `unanswered`, or `unclaimed` for an approval that its browser did not consume.
        reason: &'static str,
        /// The instant of expiry, in Unix seconds.
        at: i64,
    } = "challenge.expired";
    /// A challenge was withdrawn.
    ChallengeSuperseded {
        /// `resent`, `cancelled`, `other_factor`, `other_person`, `reported`, `device_removed` or
        /// `device_suspended`.
        reason: &'static str,
    } = "challenge.superseded";
    /// The browser consumed the approval.
    ChallengeConsumed = "challenge.consumed";
    /// An answer that was refused.
    AnswerRefused {
        /// The problem's code.
        reason: &'static str,
    } = "answer.refused";
    /// The accepted answer was sent again.
    AnswerReplayed = "answer.replayed";
    /// One counter was signed with two contents: two copies of a key may exist.
    AnswerCounterConflict {
        /// The counter.
        ctr: i64,
    } = "answer.counter_conflict";
    /// A push was not sent because of a limit.
    PushLimited {
        /// The limit.
        limit: &'static str,
    } = "push.limited";
    /// The devices of a person are not notified for a while.
    PushMuted {
        /// The end of the pause, in Unix seconds.
        until: i64,
        /// `report` or `denials`.
        reason: &'static str,
    } = "push.muted";
    /// The transport of a device changed.
    TransportChanged {
        /// `webpush` or `none`.
        kind: &'static str,
    } = "transport.changed";
    /// A push service no longer knows the subscription of a device.
    TransportGone {
        /// The HTTP status that it answered.
        status: u16,
    } = "transport.gone";
    /// A device replaced its key.
    DeviceKeyRotated = "device.key_rotated";
    /// A device was suspended.
    DeviceSuspended {
        /// `bad_signatures`, `counter_conflict` or `administrator`.
        reason: &'static str,
    } = "device.suspended";
    /// A device was revoked.
    DeviceRevoked {
        /// `person`, `administrator` or `device`.
        by: &'static str,
    } = "device.revoked";
    /// A person consented to scopes of a client.
    ConsentGiven {
        /// The scopes.
        scopes: Vec<String>,
    } = "consent.given";
    /// An operator took back what a person had allowed a client.
    ConsentRevoked = "consent.revoked";
    /// A browser was signed out.
    SessionEnded {
        /// `person`, `relying_party`, `replaced`, `administrator`, or the device that alone had proved it is gone:
        /// `device_removed` or `device_suspended`; or `reported`.
        by: &'static str,
    } = "session.ended";
    /// Tokens were issued to a client.
    TokensIssued {
        /// The grant type.
        grant_type: &'static str,
    } = "token.issued";
    /// A client revoked a token.
    TokenRevoked = "token.revoked";
    /// A code was redeemed a second time; the tokens of the first redemption are revoked.
    CodeReplayed = "code.replayed";
    /// A client sent an unused code that was issued to another client; the code is used up.
    CodeOfAnotherClient = "code.of_another_client";
    /// A replaced refresh token was used; its grant is revoked.
    RefreshTokenReused = "refresh_token.reused";
    /// A client failed to authenticate.
    ClientAuthenticationFailed {
        /// The path of the endpoint.
        endpoint: &'static str,
    } = "client.authentication_failed";
    /// A person was added.
    PersonAdded = "person.added";
    /// A report says that a stranger knows the password: it must be changed at the next sign-in.
    PasswordExposed = "person.password_exposed";
    /// The network from which a reported sign-in came is blocked for the person.
    SourceBlocked {
        /// The network.
        source: String,
        /// The end of the block, in Unix seconds.
        until: i64,
    } = "person.source_blocked";
    /// All methods of a person but the password were removed.
    PersonFactorsReset = "person.factors_reset";
    /// A client was added.
    ClientAdded = "client.added";
    /// A person was invited: a link was made by which they set their first password.
    PersonInvited {
        /// The end of the link's validity, in Unix seconds.
        until: i64,
    } = "person.invited";
    /// The link of an invitation was used.
    InvitationRedeemed = "invitation.redeemed";
    /// A person was disabled, and everything that they were given ended.
    PersonDisabled = "person.disabled";
    /// A person was enabled. Nothing that had ended came back.
    PersonEnabled = "person.enabled";
    /// A person was deleted with everything but the audit events.
    PersonDeleted = "person.deleted";
    /// An operator set a person's password, and everything that the person was given ended.
    PersonPasswordSet {
        /// Whether another password must be chosen at the next sign-in.
        must_change: bool,
    } = "person.password_set";
    /// An operator ended everything that a person was given.
    PersonSignedOut = "person.signed_out";
    /// An operator deleted what keeps a person out for a while.
    PersonUnlocked {
        /// The number of counters of wrong answers.
        counters: usize,
        /// The number of requests to the phone that were not approved, by which push waits.
        requests: u64,
        /// Whether push was muted.
        was_muted: bool,
    } = "person.unlocked";
    /// A person's phones were removed.
    PersonPushReset = "person.push_reset";
    /// A ticket was made for a person's first device; an earlier one is void.
    TicketCreated {
        /// The end of its validity, in Unix seconds.
        until: i64,
    } = "ticket.created";
    /// A ticket was redeemed in a sign-in, which may now add one device.
    TicketRedeemed = "ticket.redeemed";
    /// A wrong ticket, or one that is used or too old.
    TicketWrong = "ticket.wrong";
    /// A ticket that was refused without a check.
    TicketBlocked {
        /// The end of the lockout, in Unix seconds.
        until: i64,
    } = "ticket.blocked";
    /// Settings of a client changed.
    ClientChanged {
        /// The fields.
        #[serde(skip)]
        changes: Changes,
    } = "client.changed";
    /// A client has got another secret.
    ClientSecretRotated {
        /// Seconds for which the secret before is still accepted.
        overlap_seconds: i64,
        /// Whether the secret before was known to others, so that all of the client's tokens ended.
        compromised: bool,
    } = "client.secret_rotated";
    /// A client was disabled, and all of its grants ended.
    ClientDisabled = "client.disabled";
    /// A client was enabled. Nothing that had ended came back.
    ClientEnabled = "client.enabled";
    /// A client was deleted.
    ClientDeleted = "client.deleted";
    /// The display name or the policy of a pool changed.
    PoolChanged {
        /// The fields.
        #[serde(skip)]
        changes: Changes,
    } = "pool.changed";
    /// A workspace was added, with its first pool and its keys. The event is in its own log.
    WorkspaceAdded {
        /// Its slug.
        slug: String,
    } = "workspace.added";
    /// A key was created, which takes the place of the one before.
    KeyRotated {
        /// Its id.
        kid: String,
        /// `id-token` or `push`.
        purpose: &'static str,
        /// Its algorithm.
        algorithm: String,
        /// When it begins to sign, in Unix seconds.
        from: i64,
    } = "key.rotated";
    /// A key was deleted: nothing that it has signed is valid any more.
    KeyRetired {
        /// Its id.
        kid: String,
        /// `id-token` or `push`.
        purpose: &'static str,
        /// Its algorithm.
        algorithm: String,
        /// Whether it was retired although something needed it.
        forced: bool,
        /// The number of subscriptions for push messages that ended with it.
        subscriptions: u64,
    } = "key.retired";
    /// A letter to a person did not leave.
    LetterFailed {
        /// The letter, such as `device_added`.
        letter: &'static str,
        /// `refused` by the mail server, `expired` before one took it, `address` that cannot be used, or `message` that
        /// cannot be written.
        reason: &'static str,
    } = "letter.failed";
    /// Settings of the workspace changed.
    WorkspaceChanged {
        /// The fields.
        #[serde(skip)]
        changes: Changes,
    } = "workspace.changed";
}

impl AuditEvent {
    /// Returns the detail as a JSON object; empty when the code has no detail.
    pub fn detail(&self) -> Value {
        match serde_json::to_value(self) {
            Ok(Value::Object(detail)) => Value::Object(detail),
            _ => Value::Object(Map::new()),
        }
    }

    /// Returns the changed fields, for an event that is a change of fields.
    pub fn changes(&self) -> Option<&Changes> {
        match self {
            Self::ClientChanged { changes }
            | Self::PoolChanged { changes }
            | Self::WorkspaceChanged { changes } => Some(changes),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_dotted_lower_case_and_unique() {
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
