//! Problem documents for programs (RFC 9457): the register of an interface's codes, and the documented
//! responses of its operations. `http::problem` writes the documents.

mod code;
mod response;

pub(crate) use code::problem_codes;
pub use code::{Problem, ProblemCode};
pub(crate) use response::problem_sets;
pub use response::{Outcome, ProblemResponse, Problems};
