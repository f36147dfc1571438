//! The register of the device API's problem codes, and the problems that each operation may return.

use crate::web::problem::{self, problem_codes, problem_sets};

problem_codes! {
    challenge = "Device-Proof";
    always = [TooManyRequests, Unavailable];
    /// Malformed JSON, or a missing or ill-formed member.
    InvalidRequest = BAD_REQUEST "invalid_request";
    /// The answer is ill-formed, or names a binding that is not offered.
    InvalidAnswer = BAD_REQUEST "invalid_answer";
    /// `chn` or `dh` does not belong to this challenge.
    AnswerMismatch = BAD_REQUEST "answer_mismatch";
    /// The proof's nonce is missing or old.
    UseNonce = UNAUTHORIZED "use_nonce";
    /// No proof, or it does not fit the request.
    InvalidProof = UNAUTHORIZED "invalid_proof";
    /// No such key, or a wrong signature; deliberately indistinguishable.
    DeviceUnknown = UNAUTHORIZED "device_unknown";
    /// The proof is valid, but the device was removed.
    DeviceRevoked = UNAUTHORIZED "device_revoked";
    /// The device's state does not allow this.
    DeviceNotActive = FORBIDDEN "device_not_active";
    /// No open enrollment of this kind.
    EnrollmentUnknown = NOT_FOUND "enrollment_unknown";
    /// No such challenge, or it was not sent to this device.
    ChallengeUnknown = NOT_FOUND "challenge_unknown";
    /// No such path.
    NotFound = NOT_FOUND "not_found";
    /// The path does not support the method.
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed";
    /// Another key claimed this enrollment first.
    AlreadyClaimed = CONFLICT "already_claimed";
    /// The enrollment is past this step.
    EnrollmentClosed = CONFLICT "enrollment_closed";
    /// The challenge was answered or withdrawn.
    ChallengeClosed = CONFLICT "challenge_closed";
    /// A newer counter has set the transport.
    StaleTransport = CONFLICT "stale_transport";
    /// The device has no transport to test.
    NoTransport = CONFLICT "no_transport";
    /// The device already has a credential for user verification.
    CredentialExists = CONFLICT "credential_exists";
    /// The old key is no longer the device's, or the new one is in use.
    KeyConflict = CONFLICT "key_conflict";
    /// The enrollment has expired.
    EnrollmentExpired = GONE "enrollment_expired";
    /// The challenge has expired.
    ChallengeExpired = GONE "challenge_expired";
    /// The body is larger than this call takes.
    TooLarge = PAYLOAD_TOO_LARGE "too_large";
    /// The body is not `application/json`.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type";
    /// The typed number is wrong.
    NumberMismatch = UNPROCESSABLE_ENTITY "number_mismatch";
    /// User verification is required.
    UvRequired = UNPROCESSABLE_ENTITY "uv_required";
    /// The user verification is not valid.
    UvInvalid = UNPROCESSABLE_ENTITY "uv_invalid";
    /// The server's rules forbid calls to the push endpoint.
    EndpointRefused = UNPROCESSABLE_ENTITY "endpoint_refused";
    /// Rate limited: wait for `Retry-After`.
    TooManyRequests = TOO_MANY_REQUESTS "too_many_requests";
    /// Temporarily unavailable: wait, then repeat the same bytes.
    Unavailable = SERVICE_UNAVAILABLE "unavailable";
}

/// A problem of the device API.
pub type Problem = problem::Problem<Code>;

problem_sets! { Code;
    /// Problems of a device's read operations.
    ReadProblems = [UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive];
    /// Problems of the list of challenges.
    ListProblems = [InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive];
    /// Problems of a claim.
    ClaimProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, EnrollmentUnknown, AlreadyClaimed,
        EnrollmentClosed, KeyConflict, EnrollmentExpired, TooLarge, UnsupportedMediaType,
    ];
    /// Problems of a completion.
    CompleteProblems = [
        InvalidRequest, DeviceUnknown, EnrollmentUnknown, EnrollmentClosed, KeyConflict, EnrollmentExpired,
        TooLarge, UnsupportedMediaType, UvRequired, UvInvalid,
    ];
    /// Problems of an enrollment's state.
    StatusProblems = [UseNonce, InvalidProof, DeviceUnknown, EnrollmentUnknown];
    /// Problems of fetching a challenge.
    FetchProblems = [UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, ChallengeUnknown];
    /// Problems of an answer.
    AnswerProblems = [
        InvalidRequest, InvalidAnswer, AnswerMismatch, DeviceUnknown, DeviceRevoked, DeviceNotActive,
        ChallengeUnknown, ChallengeClosed, ChallengeExpired, TooLarge, UnsupportedMediaType, NumberMismatch,
        UvRequired, UvInvalid,
    ];
    /// Problems of a change of the transport.
    TransportProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, StaleTransport,
        TooLarge, UnsupportedMediaType, EndpointRefused,
    ];
    /// Problems of a test push.
    TestProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, NoTransport,
        TooLarge, UnsupportedMediaType,
    ];
    /// Problems of a change of the device's own data.
    ChangeProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, TooLarge,
        UnsupportedMediaType,
    ];
    /// Problems of a removal.
    RemoveProblems = [UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked];
    /// Problems of a new credential.
    CredentialProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive,
        CredentialExists, TooLarge, UnsupportedMediaType, UvInvalid,
    ];
    /// Problems of a new key.
    KeyProblems = [
        InvalidRequest, DeviceUnknown, DeviceRevoked, DeviceNotActive, KeyConflict, TooLarge,
        UnsupportedMediaType,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::problem::ProblemCode;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_of_the_protocols_table_is_in_the_register_with_its_status() {
        let document = include_str!("../../docs/authenticator-protocol.md");
        let written: BTreeSet<(u16, &str)> = document
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| ")?.split(" | ");
                let status = cells.next()?.parse().ok()?;
                Some((status, cells.next()?.trim_matches('`')))
            })
            .collect();
        let known = Code::ALL.iter().map(|code| (code.status().as_u16(), code.word())).collect();
        assert_eq!(written, known, "left: docs/authenticator-protocol.md; right: the register");
    }
}
