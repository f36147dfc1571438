//! Which values a client may have.

use crate::{
    actions::{ActionError, FieldProblem},
    app::Tenant,
    directory::{ClientSettings, is_reserved_name},
    protocol::client_problems,
};

/// The sentence about a name under which this server itself appears.
pub const RESERVED_NAME: &str = "this server itself appears under this name";

/// Checks every value of a client and returns the problems.
pub(super) fn check(
    tenant: &Tenant,
    name: &str,
    settings: &ClientSettings,
    is_public: bool,
) -> Result<(), ActionError> {
    let problems = client_problems(name, settings, is_public);
    let fields =
        problems.iter().map(|problem| FieldProblem { field: problem.field(), sentence: problem.to_string() });
    let is_reserved = is_reserved_name(name, &tenant.workspace.display_name);
    let reserved = is_reserved.then(|| FieldProblem {
        field: "client_name",
        sentence: format!("{RESERVED_NAME}; choose another one"),
    });
    let fields: Vec<_> = reserved.into_iter().chain(fields).collect();
    if fields.is_empty() { Ok(()) } else { Err(ActionError::Invalid(fields)) }
}
