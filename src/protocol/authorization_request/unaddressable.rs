//! Why an authorization request cannot be answered by a redirect (RFC 6749 §4.1.2.1).

use crate::protocol::EchoedValue;

/// Why a request is answered by an error page (status 400) and not by a redirect. Its values are displayable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unaddressable {
    /// No `client_id`.
    #[error("The application did not say who it is: the parameter client_id is missing.")]
    ClientIdMissing,
    /// Two `client_id` parameters.
    #[error("The application sent the parameter client_id more than once.")]
    ClientIdRepeated,
    /// An unknown or disabled client.
    #[error("No application is registered here as '{client_id}', or it is disabled.")]
    ClientUnknown {
        /// The `client_id` as received.
        client_id: EchoedValue,
    },
    /// No `redirect_uri`: OpenID Connect Core §3.1.2.1 requires it in every request.
    #[error("The application did not say where to return to: the parameter redirect_uri is missing.")]
    RedirectUriMissing,
    /// Two `redirect_uri` parameters.
    #[error("The application sent the parameter redirect_uri more than once.")]
    RedirectUriRepeated,
    /// Not equal, byte for byte, to a registered URI of the client.
    #[error("The address to return to, '{redirect_uri}', is not registered for this application.")]
    RedirectUriNotRegistered {
        /// The `redirect_uri` as received.
        redirect_uri: EchoedValue,
    },
}
