//! Checks the settings of a client before the database is opened, and names the option with the problem.

use crate::{
    config::redacted,
    directory::ClientSettings,
    operator::{CommandError, opened::usage},
    protocol::{ClientProblem, client_problems},
};

/// Fails with the first problem.
///
/// # Errors
/// As said, as a wrong use of the command line.
pub(super) fn check(name: &str, settings: &ClientSettings, is_public: bool) -> Result<(), CommandError> {
    match client_problems(name, settings, is_public).first() {
        Some(problem) => Err(usage(sentence(problem))),
        None => Ok(()),
    }
}

/// Names the option with the problem; a URI may contain a password.
fn sentence(problem: &ClientProblem) -> String {
    let uri = |option, uri: &str, problem| format!("{option} `{}`: {problem}", redacted(uri));
    match problem {
        ClientProblem::NameMissing => "--name: expected a name that people will recognize".to_owned(),
        ClientProblem::Name(problem) => format!("--name: {problem}"),
        ClientProblem::RedirectUri(address, problem) => uri("--redirect-uri", address, problem),
        ClientProblem::PostLogoutRedirectUri(address, problem) => {
            uri("--post-logout-redirect-uri", address, problem)
        }
        ClientProblem::RequiredAcr(_) => format!("--require-acr: {problem}"),
        ClientProblem::TokenLifetime(which, seconds) => {
            let (option, range) = (which.as_str().replace('_', "-"), which.range());
            format!(
                "--{option}: {seconds} is not allowed; expected {} to {} seconds",
                range.start(),
                range.end()
            )
        }
    }
}
