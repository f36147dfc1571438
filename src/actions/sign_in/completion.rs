//! The end of a sign-in, as a value that `signin` turns into a redirect, a page and a cookie.

use super::Purpose;
use crate::{
    app::Tenant,
    directory::Client,
    http::urls::Path,
    journey::SignInFailure,
    protocol::{AuthorizationResponse, OAuthError, OAuthReason},
};

/// The end of a sign-in.
#[derive(Debug)]
pub struct Completion {
    /// Where the browser goes.
    pub exit: Exit,
    /// The new token of the browser's session, if it has one.
    pub session_token: Option<String>,
}

/// Where the browser goes at the end of a sign-in.
#[derive(Debug)]
pub enum Exit {
    /// To the application, with a response.
    Respond {
        /// The response.
        response: AuthorizationResponse,
        /// The client's name.
        application: String,
    },
    /// To a page of this server.
    GoTo(Path),
}

/// Ends a sign-in without success: with an error for the application, or at the page from which it began.
pub(super) fn refuse(tenant: &Tenant, purpose: &Purpose, client: &Client, error: &OAuthError) -> Completion {
    let exit = match purpose {
        Purpose::Authorize(request) => {
            let response = request.refuse(error, tenant.issuer());
            Exit::Respond { response, application: client.name.clone() }
        }
        Purpose::Account { return_to } => Exit::GoTo(return_to.path()),
        Purpose::Confirm(_) => Exit::GoTo(Path::Home),
    };
    Completion { exit, session_token: None }
}

/// Returns the error that the application receives for a failed sign-in.
pub(super) fn error_of(failure: SignInFailure) -> OAuthError {
    match failure {
        SignInFailure::Cancelled | SignInFailure::Denied => OAuthReason::PersonDeclined.into(),
        SignInFailure::Unmet => OAuthReason::AcrUnreachable.into(),
        SignInFailure::OtherPerson => OAuthReason::PersonDiffers.into(),
        SignInFailure::TimedOut => OAuthReason::SignInTimedOut.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    #[test]
    fn the_error_of_an_interactive_sign_in_does_not_mention_prompt_none() {
        for (failure, code) in [
            (SignInFailure::Cancelled, ErrorCode::AccessDenied),
            (SignInFailure::Denied, ErrorCode::AccessDenied),
            (SignInFailure::Unmet, ErrorCode::UnmetAuthenticationRequirements),
            (SignInFailure::OtherPerson, ErrorCode::LoginRequired),
            (SignInFailure::TimedOut, ErrorCode::LoginRequired),
        ] {
            let error = error_of(failure);
            assert_eq!(error.code(), code);
            assert!(!error.description().contains("prompt"), "{}", error.description());
        }
        assert!(OAuthError::from(OAuthReason::LoginRequired).description().contains("prompt=none"));
    }
}
