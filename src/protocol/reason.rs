//! Every reason to refuse a client, with its sentence: what was received, what was expected, what to do.

use super::{EchoedValue, ErrorCode};

/// Why a request was refused. The sentences are in the characters that RFC 6749 §5.2 allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthReason {
    // any request
    /// The parameters could not be read.
    #[error("the parameters are not well-formed; expected application/x-www-form-urlencoded text in UTF-8")]
    FormMalformed,
    /// A required parameter was not sent.
    #[error("the parameter {0} is missing")]
    MissingParameter(&'static str),
    /// A parameter was sent twice.
    #[error("the parameter {0} was sent more than once; send it once")]
    RepeatedParameter(&'static str),
    /// A parameter is too long or holds control characters.
    #[error("the parameter {0} cannot be used; expected at most {1} bytes without control characters")]
    UnusableParameter(&'static str, usize),
    /// Parameters in the address of an endpoint that takes them in the body (RFC 6749 §2.3.1, §3.2).
    #[error("parameters were received in the address; send them in the body")]
    ParametersInAddress,
    /// Not a form.
    #[error("the body was received as '{0}'; expected application/x-www-form-urlencoded")]
    ContentTypeUnsupported(EchoedValue),

    // authorization requests
    /// Not the code flow.
    #[error("response_type was received as '{0}'; expected code")]
    UnsupportedResponseType(EchoedValue),
    /// Not a way that is open to the client.
    #[error(
        "response_mode was received as '{0}'; expected query or form_post, or fragment from a public client"
    )]
    UnsupportedResponseMode(EchoedValue),
    /// A request object by value.
    #[error("the parameter request is not supported; send the parameters themselves")]
    RequestUnsupported,
    /// A request object by reference.
    #[error("the parameter request_uri is not supported; send the parameters themselves")]
    RequestUriUnsupported,
    /// Client metadata inside a request.
    #[error("the parameter registration is not supported; the client must be registered beforehand")]
    RegistrationUnsupported,
    /// PKCE is owed.
    #[error("this client must send code_challenge with code_challenge_method S256")]
    CodeChallengeMissing,
    /// Not the base64url of a SHA-256.
    #[error("code_challenge cannot be used; expected the 43 base64url characters of a SHA-256 hash")]
    CodeChallengeMalformed,
    /// `plain`, in words or by leaving the method out.
    #[error("code_challenge_method was received as '{0}'; expected S256")]
    CodeChallengeMethodUnsupported(EchoedValue),
    /// A method with nothing to apply it to.
    #[error("code_challenge_method was sent without code_challenge")]
    CodeChallengeMethodAlone,
    /// An unknown prompt.
    #[error("prompt was received as '{0}'; expected none, login, consent or select_account")]
    PromptUnknown(EchoedValue),
    /// `none` beside others.
    #[error("prompt has none together with another value; none stands alone")]
    PromptNoneWithOthers,
    /// Not an age.
    #[error("max_age was received as '{0}'; expected a number of seconds from 0 to 4294967295")]
    MaxAgeMalformed(EchoedValue),
    /// Not a list of authentication contexts.
    #[error("acr_values cannot be used; expected names separated by spaces, 1024 bytes at most")]
    AcrValuesMalformed,
    /// Not a `claims` parameter; the text says what is wrong.
    #[error("the parameter claims cannot be used: {0}")]
    ClaimsMalformed(&'static str),

    // scopes
    /// No scope was asked for.
    #[error("the parameter scope is missing; ask at least for openid")]
    ScopeMissing,
    /// Characters or sizes that no scope has.
    #[error("scope cannot be used; expected at most 64 names of printable ASCII separated by spaces")]
    ScopeMalformed,
    /// No scope that is known here.
    #[error("scope was received as '{0}', in which no scope is known here; ask at least for openid")]
    ScopeUnknown(EchoedValue),
    /// More than was granted.
    #[error("scope asks for more than was granted at the authorization; ask for '{0}' or less")]
    ScopeWidened(EchoedValue),

    // the answer of the sign-in
    /// The person cancelled or denied.
    #[error("the person declined")]
    PersonDeclined,
    /// Nobody is signed in, and no page may be shown.
    #[error("nobody is signed in who satisfies the request, and prompt=none forbids to ask")]
    LoginRequired,
    /// The person left a sign-in lying until its time was over.
    #[error("the sign-in was not finished in time; send the person here again")]
    SignInTimedOut,
    /// Another person than the one named by `id_token_hint` or the `sub` claim.
    #[error("the person who signed in is not the one whom the request names")]
    PersonDiffers,
    /// A step is owed, and no page may be shown.
    #[error("a further step of the sign-in is owed, and prompt=none forbids to ask")]
    InteractionRequired,
    /// Consent is owed, and no page may be shown.
    #[error("the person has not consented yet, and prompt=none forbids to ask")]
    ConsentRequired,
    /// A choice is owed, and no page may be shown.
    #[error("the person must choose an account, and prompt=none forbids to ask")]
    AccountSelectionRequired,
    /// An essential `acr` is out of reach.
    #[error("the requested authentication context cannot be reached")]
    AcrUnreachable,
    /// The client may not do this.
    #[error("this client may not make this request")]
    ClientNotAllowed,
    /// A fault of ours.
    #[error("the server could not answer; it has been logged")]
    ServerFault,
    /// A fault of ours that will pass.
    #[error("the server cannot answer for a moment; try again")]
    Unavailable,

    // client authentication
    /// Nothing names a client.
    #[error(
        "no client was named; authenticate by client_secret_basic or client_secret_post, or send client_id"
    )]
    ClientAuthenticationMissing,
    /// Unknown, disabled or not proven: the same for all.
    #[error("the client is not known here or its secret is wrong")]
    ClientAuthenticationFailed,
    /// Too many failures of this client from one place.
    #[error("authentication of this client failed too often from this address; wait and try again")]
    ClientAuthenticationThrottled,
    /// A confidential client came without its secret.
    #[error("this client has a secret and must present it, by client_secret_basic or client_secret_post")]
    ClientSecretMissing,
    /// A public client came with a secret.
    #[error("this client has no secret; send client_id alone")]
    ClientSecretUnexpected,
    /// A public client where only confidential ones may ask.
    #[error("only a client with a secret may ask here")]
    ConfidentialClientRequired,
    /// A header of the basic scheme that cannot be read.
    #[error("the Authorization header cannot be read; expected Basic and base64 of client_id:client_secret")]
    BasicMalformed,
    /// Another scheme than basic.
    #[error("the Authorization header was received with another scheme; expected Basic")]
    AuthorizationSchemeUnsupported,
    /// A client assertion.
    #[error("client_assertion is not supported; use client_secret_basic or client_secret_post")]
    ClientAssertionUnsupported,
    /// Two ways at once.
    #[error("the client authenticated in more than one way; use one")]
    SeveralClientAuthentications,
    /// Two headers, of which neither is believed.
    #[error("the Authorization header was sent more than once; send it once")]
    SeveralAuthorizationHeaders,
    /// The header and the form name different clients.
    #[error("client_id in the form differs from the one in the Authorization header")]
    ClientIdsDiffer,

    // grants
    /// No grant of ours.
    #[error("grant_type was received as '{0}'; expected authorization_code or refresh_token")]
    UnsupportedGrantType(EchoedValue),
    /// Unknown, expired, used or another client's: the same for all.
    #[error(
        "the authorization code is unknown, expired, used, or was issued to another client; begin a new authorization"
    )]
    AuthorizationCodeUnusable,
    /// `redirect_uri` was not repeated.
    #[error("redirect_uri is missing; repeat the one of the authorization request")]
    RedirectUriNotRepeated,
    /// `redirect_uri` was changed.
    #[error("redirect_uri was received as '{0}', which is not the one of the authorization request")]
    RedirectUriDiffers(EchoedValue),
    /// A challenge without its verifier.
    #[error("code_verifier is missing; the authorization request carried a code_challenge")]
    CodeVerifierMissing,
    /// A verifier without a challenge: someone took the challenge away.
    #[error("code_verifier was sent, but the authorization request carried no code_challenge")]
    CodeVerifierUnexpected,
    /// Not a verifier.
    #[error("code_verifier cannot be used; expected 43 to 128 unreserved characters")]
    CodeVerifierMalformed,
    /// Another verifier.
    #[error("code_verifier does not match the code_challenge of the authorization request")]
    CodeVerifierWrong,
    /// Unknown, expired, revoked, used or another client's: the same for all.
    #[error(
        "the refresh token is unknown, expired, revoked, used, or was issued to another client; begin a new authorization"
    )]
    RefreshTokenUnusable,

    /// A living or dead token that another client was given (RFC 7009 §2.1).
    #[error("the token was issued to another client")]
    TokenOfAnotherClient,

    // protected resources
    /// No access token.
    #[error("an access token is missing; send it in the Authorization header with the scheme Bearer")]
    AccessTokenMissing,
    /// Unknown, expired or revoked: the same for all.
    #[error("the access token is unknown, expired or revoked; get a new one")]
    AccessTokenUnusable,
    /// More than one access token.
    #[error("the access token was sent in more than one way; use one")]
    SeveralAccessTokens,
    /// A token without `openid` at userinfo.
    #[error("the access token was granted without the scope openid")]
    OpenidScopeMissing,
    /// A token of too weak a sign-in (RFC 9470).
    #[error("a stronger or more recent sign-in is needed")]
    AuthenticationInsufficient,
}

impl OAuthReason {
    /// The registered code that this reason is sent with.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::FormMalformed
            | Self::MissingParameter(_)
            | Self::RepeatedParameter(_)
            | Self::UnusableParameter(..)
            | Self::ParametersInAddress
            | Self::ContentTypeUnsupported(_)
            | Self::UnsupportedResponseMode(_)
            | Self::CodeChallengeMissing
            | Self::CodeChallengeMalformed
            | Self::CodeChallengeMethodUnsupported(_)
            | Self::CodeChallengeMethodAlone
            | Self::PromptUnknown(_)
            | Self::PromptNoneWithOthers
            | Self::MaxAgeMalformed(_)
            | Self::AcrValuesMalformed
            | Self::ClaimsMalformed(_)
            | Self::SeveralClientAuthentications
            | Self::SeveralAuthorizationHeaders
            | Self::ClientIdsDiffer
            | Self::SeveralAccessTokens => ErrorCode::InvalidRequest,
            Self::UnsupportedResponseType(_) => ErrorCode::UnsupportedResponseType,
            Self::RequestUnsupported => ErrorCode::RequestNotSupported,
            Self::RequestUriUnsupported => ErrorCode::RequestUriNotSupported,
            Self::RegistrationUnsupported => ErrorCode::RegistrationNotSupported,
            Self::ScopeMissing | Self::ScopeMalformed | Self::ScopeUnknown(_) | Self::ScopeWidened(_) => {
                ErrorCode::InvalidScope
            }
            Self::PersonDeclined => ErrorCode::AccessDenied,
            Self::LoginRequired | Self::SignInTimedOut | Self::PersonDiffers => ErrorCode::LoginRequired,
            Self::InteractionRequired => ErrorCode::InteractionRequired,
            Self::ConsentRequired => ErrorCode::ConsentRequired,
            Self::AccountSelectionRequired => ErrorCode::AccountSelectionRequired,
            Self::AcrUnreachable => ErrorCode::UnmetAuthenticationRequirements,
            Self::ClientNotAllowed => ErrorCode::UnauthorizedClient,
            Self::ServerFault => ErrorCode::ServerError,
            Self::Unavailable | Self::ClientAuthenticationThrottled => ErrorCode::TemporarilyUnavailable,
            Self::ClientAuthenticationMissing
            | Self::ClientAuthenticationFailed
            | Self::ClientSecretMissing
            | Self::ClientSecretUnexpected
            | Self::ConfidentialClientRequired
            | Self::BasicMalformed
            | Self::AuthorizationSchemeUnsupported
            | Self::ClientAssertionUnsupported => ErrorCode::InvalidClient,
            Self::UnsupportedGrantType(_) => ErrorCode::UnsupportedGrantType,
            Self::AuthorizationCodeUnusable
            | Self::RedirectUriNotRepeated
            | Self::RedirectUriDiffers(_)
            | Self::CodeVerifierMissing
            | Self::CodeVerifierUnexpected
            | Self::CodeVerifierMalformed
            | Self::CodeVerifierWrong
            | Self::RefreshTokenUnusable
            | Self::TokenOfAnotherClient => ErrorCode::InvalidGrant,
            Self::AccessTokenMissing | Self::AccessTokenUnusable => ErrorCode::InvalidToken,
            Self::OpenidScopeMissing => ErrorCode::InsufficientScope,
            Self::AuthenticationInsufficient => ErrorCode::InsufficientUserAuthentication,
        }
    }
}
