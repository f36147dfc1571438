//! What each operation may be answered with, as the document lists it.

use super::problem::{Code, Problem};
use crate::storage::Fault;
use poem_openapi::{
    ApiResponse,
    payload::Json,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use std::{collections::BTreeMap, marker::PhantomData};

/// JSON, or one of the problems of `P`.
pub type Outcome<T, P> = Result<Json<T>, ProblemResponse<P>>;

/// The problems that an operation knows.
pub trait Problems: Send + Sync + 'static {
    /// Their codes.
    const CODES: &'static [Code];
}

/// Why there is no answer, documented by `P`.
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

/// Whatever is asked may be answered with these.
const ALWAYS: &[Code] = &[Code::TooManyRequests, Code::Unavailable];

/// A problem document whose code is one of `codes`.
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
    /// Of a read by a device.
    ReadProblems = [UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive];
    /// Of the list of challenges.
    ListProblems = [InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive];
    /// Of a claim.
    ClaimProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, EnrollmentUnknown, AlreadyClaimed,
        EnrollmentClosed, KeyConflict, EnrollmentExpired, TooLarge, UnsupportedMediaType,
    ];
    /// Of a completion.
    CompleteProblems = [
        InvalidRequest, DeviceUnknown, EnrollmentUnknown, EnrollmentClosed, KeyConflict, EnrollmentExpired,
        TooLarge, UnsupportedMediaType, UvRequired, UvInvalid,
    ];
    /// Of an enrollment's state.
    StatusProblems = [UseNonce, InvalidProof, DeviceUnknown, EnrollmentUnknown];
    /// Of a fetch.
    FetchProblems = [UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, ChallengeUnknown];
    /// Of an answer.
    AnswerProblems = [
        InvalidRequest, InvalidAnswer, AnswerMismatch, DeviceUnknown, DeviceRevoked, DeviceNotActive,
        ChallengeUnknown, ChallengeClosed, ChallengeExpired, TooLarge, UnsupportedMediaType, NumberMismatch,
        UvRequired, UvInvalid,
    ];
    /// Of a change of the transport.
    TransportProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, StaleTransport,
        TooLarge, UnsupportedMediaType, EndpointRefused,
    ];
    /// Of a test push.
    TestProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, NoTransport,
        TooLarge, UnsupportedMediaType,
    ];
    /// Of a change of what a device says of itself.
    ChangeProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive, TooLarge,
        UnsupportedMediaType,
    ];
    /// Of a removal.
    RemoveProblems = [UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked];
    /// Of a new credential.
    CredentialProblems = [
        InvalidRequest, UseNonce, InvalidProof, DeviceUnknown, DeviceRevoked, DeviceNotActive,
        CredentialExists, TooLarge, UnsupportedMediaType, UvInvalid,
    ];
    /// Of a new key.
    KeyProblems = [
        InvalidRequest, DeviceUnknown, DeviceRevoked, DeviceNotActive, KeyConflict, TooLarge,
        UnsupportedMediaType,
    ];
}
