//! The documented responses of each operation.

use super::problem::{Code, Problem};
use crate::storage::Fault;
use poem_openapi::{
    ApiResponse,
    payload::Json,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use std::{collections::BTreeMap, marker::PhantomData};

/// A JSON response, or one of the problems in `P`.
pub type Outcome<T, P> = Result<Json<T>, ProblemResponse<P>>;

/// The problems that an operation may return.
pub trait Problems: Send + Sync + 'static {
    /// The codes of the problems.
    const CODES: &'static [Code];
}

/// An error response, documented by `P`.
pub struct ProblemResponse<P> {
    error: poem::Error,
    problems: PhantomData<P>,
}

impl<P> From<poem::Error> for ProblemResponse<P> {
    fn from(error: poem::Error) -> Self {
        Self { error, problems: PhantomData }
    }
}

impl<P> From<Problem> for ProblemResponse<P> {
    fn from(refusal: Problem) -> Self {
        poem::Error::from(refusal).into()
    }
}

impl<P> From<Fault> for ProblemResponse<P> {
    fn from(fault: Fault) -> Self {
        poem::Error::from(fault).into()
    }
}

impl<P> From<ProblemResponse<P>> for poem::Error {
    fn from(refused: ProblemResponse<P>) -> Self {
        refused.error
    }
}

impl<P: Problems> ApiResponse for ProblemResponse<P> {
    fn meta() -> MetaResponses {
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in P::CODES.iter().chain(ALWAYS) {
            by_status.entry(code.status().as_u16()).or_default().push(*code);
        }
        let responses = by_status.into_iter().map(|(status, codes)| MetaResponse {
            description: http::StatusCode::from_u16(status)
                .ok()
                .and_then(|status| status.canonical_reason())
                .unwrap_or_default(),
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/problem+json",
                schema: MetaSchemaRef::Inline(Box::new(document_schema(&codes))),
            }],
            headers: vec![],
        });
        MetaResponses { responses: responses.collect() }
    }

    fn register(_: &mut Registry) {}
}

/// Problems that every operation may return.
const ALWAYS: &[Code] = &[Code::TooManyRequests, Code::Unavailable];

/// Returns the schema of a problem document with one of `codes`.
fn document_schema(codes: &[Code]) -> MetaSchema {
    let code = MetaSchema {
        enum_items: codes.iter().map(|code| code.word().into()).collect(),
        ..MetaSchema::new("string")
    };
    MetaSchema {
        required: vec!["type", "title", "status", "code", "detail"],
        properties: vec![
            ("type", String::schema_ref()),
            ("title", String::schema_ref()),
            ("status", i32::schema_ref()),
            ("code", MetaSchemaRef::Inline(Box::new(code))),
            ("detail", String::schema_ref()),
            ("state", String::schema_ref()),
            ("reason", String::schema_ref()),
        ],
        ..MetaSchema::new("object")
    }
}

macro_rules! problems {
    ($($(#[$doc:meta])+ $name:ident = [$($code:ident),+ $(,)?];)+) => {
        $($(#[$doc])+
        pub struct $name;

        impl Problems for $name {
            const CODES: &'static [Code] = &[$(Code::$code),+];
        })+
    };
}

problems! {
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
