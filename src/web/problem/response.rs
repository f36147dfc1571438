//! The responses of operations in an OpenAPI document: JSON, or one of the operation's problems.

use super::code::{Problem, ProblemCode};
use crate::fault::Fault;
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
    /// The codes of the interface.
    type Code: ProblemCode;
    /// The codes of the problems.
    const CODES: &'static [Self::Code];
}

/// Defines sets of problems, each a type.
macro_rules! problem_sets {
    ($code:ident; $($(#[$doc:meta])+ $name:ident = [$($member:ident),+ $(,)?];)+) => {
        $($(#[$doc])+
        pub struct $name;

        impl $crate::web::problem::Problems for $name {
            type Code = $code;
            const CODES: &'static [$code] = &[$($code::$member),+];
        })+
    };
}
pub(crate) use problem_sets;

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

impl<P, C: ProblemCode> From<Problem<C>> for ProblemResponse<P> {
    fn from(refusal: Problem<C>) -> Self {
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
        let mut by_status: BTreeMap<u16, Vec<P::Code>> = BTreeMap::new();
        for code in P::CODES.iter().chain(P::Code::ALWAYS) {
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

/// Returns the schema of a problem document with one of `codes`.
fn document_schema<C: ProblemCode>(codes: &[C]) -> MetaSchema {
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
