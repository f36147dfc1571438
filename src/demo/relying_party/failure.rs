use super::settings::APPLICATION_NAME;

/// The failure of a sign-in or a later request. The message has all details, because its reader tests the
/// provider.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Discovery failed; the next request tries again.
    #[error("The provider at {issuer} did not answer as a provider should: {reason}.")]
    Discovery {
        /// The provider's issuer.
        issuer: String,
        /// The cause.
        reason: String,
    },
    /// The parameters of the authorization response are malformed.
    #[error("The provider's answer could not be read: {0}.")]
    UnreadableAnswer(String),
    /// The `state` is missing, unknown, used, expired, or of another browser.
    #[error(
        "This answer belongs to no sign-in that this browser has under way. Start again from the first page."
    )]
    UnknownState,
    /// The response names another issuer, or none although the provider announced one (RFC 9207 §2.4).
    #[error("The answer should name the issuer {expected} in “iss”, and it says {received}.")]
    WrongIssuer {
        /// The provider's issuer.
        expected: String,
        /// The issuer in the response.
        received: String,
    },
    /// The provider answered with an error.
    #[error("The provider answered with an error.")]
    ErrorResponse {
        /// The `error` code.
        error: String,
        /// The `error_description`, for developers.
        description: Option<String>,
    },
    /// The response has neither a code nor an error.
    #[error("The answer holds neither a code nor an error.")]
    NoCode,
    /// The token endpoint refused or failed.
    #[error("The token endpoint did not give tokens: {0}.")]
    TokenEndpoint(String),
    /// The ID token is missing or invalid.
    #[error("The ID token cannot be accepted: {0}.")]
    IdToken(String),
    /// The userinfo endpoint refused or failed, or answered for another subject.
    #[error("The userinfo endpoint did not answer as it should: {0}.")]
    UserInfo(String),
    /// A form posted from another origin.
    #[error("This form was sent from another site ({0}), so nothing was done.")]
    ForeignForm(String),
    /// The path has no page.
    #[error("{APPLICATION_NAME} has no page at this address.")]
    NoSuchPage,
}

impl Failure {
    /// The heading of the page.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Discovery { .. } => "The provider cannot be reached",
            Self::ErrorResponse { error, .. } if error == "access_denied" => "The sign-in was called off",
            Self::ErrorResponse { .. } => "The provider said no",
            Self::TokenEndpoint(_) | Self::UserInfo(_) => "The sign-in could not be finished",
            Self::NoSuchPage => "Nothing here",
            Self::ForeignForm(_) => "Not done",
            _ => "The sign-in was refused",
        }
    }
}

/// Formats an error and its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line.trim_end_matches('.').to_owned()
}
