//! Every reason to refuse a client, with its sentence: what was received, what was expected, what to do next.

use super::{EchoedValue, ErrorCode};

/// Why a request was refused. The sentences use only characters that RFC 6749 §5.2 allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthReason {
    // any request
    /// The parameters could not be decoded.
    #[error("the parameters are not well-formed; expected application/x-www-form-urlencoded text in UTF-8")]
    FormMalformed,
    /// A required parameter was not sent.
    #[error("the parameter {0} is missing")]
    MissingParameter(&'static str),
    /// A parameter was sent more than once.
    #[error("the parameter {0} was sent more than once; send it once")]
    RepeatedParameter(&'static str),
    /// A parameter is too long or holds control characters.
    #[error("the parameter {0} cannot be used; expected at most {1} bytes without control characters")]
    UnusableParameter(&'static str, usize),
    /// All parameters together are too long.
    #[error("the parameters are too long together; expected at most about 20 KiB, so send less")]
    RequestTooLong,
    /// Parameters in the query of an endpoint that reads them from the body (RFC 6749 §2.3.1, §3.2).
    #[error("parameters were received in the query; send them in the body")]
    ParametersInAddress,
    /// A body that is not a form.
    #[error("Content-Type was received as '{0}'; expected application/x-www-form-urlencoded")]
    ContentTypeUnsupported(EchoedValue),

    // authorization requests
    /// A flow other than the code flow.
    #[error("response_type was received as '{0}'; expected code")]
    UnsupportedResponseType(EchoedValue),
    /// A response mode that the client may not use.
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
    /// PKCE is required of this client.
    #[error("this client must send code_challenge with code_challenge_method S256")]
    CodeChallengeMissing,
    /// Not the base64url form of a SHA-256 hash.
    #[error("code_challenge cannot be used; expected the 43 base64url characters of a SHA-256 hash")]
    CodeChallengeMalformed,
    /// Another method than `S256`, such as `plain`.
    #[error("code_challenge_method was received as '{0}'; expected S256")]
    CodeChallengeMethodUnsupported(EchoedValue),
    /// A challenge without a method, which means `plain` (RFC 7636 §4.3).
    #[error("code_challenge_method is missing, which means plain; send S256")]
    CodeChallengeMethodMissing,
    /// A method without a challenge.
    #[error("code_challenge_method was sent without code_challenge")]
    CodeChallengeMethodAlone,
    /// An unknown prompt.
    #[error("prompt was received as '{0}'; expected none, login, consent or select_account")]
    PromptUnknown(EchoedValue),
    /// `none` combined with another value.
    #[error("prompt combines none with another value; send none alone")]
    PromptNoneWithOthers,
    /// Not a number of seconds.
    #[error("max_age was received as '{0}'; expected a number of seconds from 0 to 4294967295")]
    MaxAgeMalformed(EchoedValue),
    /// Not a list of authentication contexts.
    #[error("acr_values cannot be used; expected names separated by spaces, 1024 bytes at most")]
    AcrValuesMalformed,
    /// A malformed `claims` parameter; the text describes the expected form.
    #[error("the parameter claims cannot be used: {0}")]
    ClaimsMalformed(&'static str),

    // scopes
    /// No scope was requested.
    #[error("the parameter scope is missing; request at least openid")]
    ScopeMissing,
    /// Characters or sizes that no scope list has.
    #[error("scope cannot be used; expected at most 64 names of printable ASCII separated by spaces")]
    ScopeMalformed,
    /// No known scope was requested.
    #[error("scope was received as '{0}', which contains no supported scope; request at least openid")]
    ScopeUnknown(EchoedValue),
    /// More scopes than were granted.
    #[error("scope exceeds the grant; request '{0}' or less")]
    ScopeWidened(EchoedValue),

    // The outcome of the sign-in.
    /// The person cancelled or denied.
    #[error("the person declined")]
    PersonDeclined,
    /// No session satisfies the request, and no page may be shown.
    #[error("no session satisfies this request, and prompt=none does not allow interaction")]
    LoginRequired,
    /// The sign-in expired before the person finished it.
    #[error("the sign-in was not finished in time; send the person to the authorization endpoint again")]
    SignInTimedOut,
    /// The person differs from the one named by `id_token_hint` or the `sub` claim.
    #[error("the person who signed in is not the one named by id_token_hint or the sub claim")]
    PersonDiffers,
    /// A step is required, and no page may be shown.
    #[error("the sign-in needs a further step, and prompt=none does not allow interaction")]
    InteractionRequired,
    /// Consent is required, and no page may be shown.
    #[error("the person has not consented yet, and prompt=none does not allow interaction")]
    ConsentRequired,
    /// A choice is required, and no page may be shown.
    #[error("the person must choose an account, and prompt=none does not allow interaction")]
    AccountSelectionRequired,
    /// An essential `acr` that the sign-in cannot reach.
    #[error("the requested authentication context cannot be reached")]
    AcrUnreachable,
    /// The client lacks the permission for this request.
    #[error("this client is not allowed to make this request")]
    ClientNotAllowed,
    /// A fault of this server.
    #[error("the server failed to process the request; the cause has been logged")]
    ServerFault,
    /// A temporary fault of this server.
    #[error("the server is temporarily unavailable; try again")]
    Unavailable,

    // client authentication
    /// The request names no client.
    #[error(
        "the request names no client; authenticate by client_secret_basic or client_secret_post, or send client_id"
    )]
    ClientAuthenticationMissing,
    /// Unknown, disabled or not authenticated: one reason for all.
    #[error(
        "the client is unknown, or it did not authenticate as registered; send its secret by client_secret_basic or client_secret_post, or client_id alone if it has none"
    )]
    ClientAuthenticationFailed,
    /// Too many failures of this client from one address.
    #[error("authentication of this client failed too often from this address; wait and try again")]
    ClientAuthenticationThrottled,
    /// A public client at an endpoint for confidential clients.
    #[error("only a client with a secret may use this endpoint")]
    ConfidentialClientRequired,
    /// A Basic `Authorization` header that cannot be decoded.
    #[error("the Authorization header cannot be read; expected Basic and base64 of client_id:client_secret")]
    BasicMalformed,
    /// A scheme other than Basic.
    #[error("the Authorization header was received with another scheme; expected Basic")]
    AuthorizationSchemeUnsupported,
    /// A client assertion.
    #[error("client_assertion is not supported; use client_secret_basic or client_secret_post")]
    ClientAssertionUnsupported,
    /// Two authentication methods in one request.
    #[error("the client authenticated in more than one way; use one")]
    SeveralClientAuthentications,
    /// Two `Authorization` headers; neither is used.
    #[error("the Authorization header was sent more than once; send it once")]
    SeveralAuthorizationHeaders,
    /// The header and the form name different clients.
    #[error("client_id in the form differs from the one in the Authorization header")]
    ClientIdsDiffer,

    // grants
    /// An unsupported grant type.
    #[error("grant_type was received as '{0}'; expected authorization_code or refresh_token")]
    UnsupportedGrantType(EchoedValue),
    /// Unknown, expired, used or issued to another client: one reason for all.
    #[error(
        "the authorization code is unknown, expired, used, or was issued to another client; start a new authorization"
    )]
    AuthorizationCodeUnusable,
    /// `redirect_uri` is absent from the token request.
    #[error("redirect_uri is missing; repeat the one of the authorization request")]
    RedirectUriNotRepeated,
    /// `redirect_uri` differs from the authorization request.
    #[error("redirect_uri was received as '{0}', which is not the one of the authorization request")]
    RedirectUriDiffers(EchoedValue),
    /// The verifier is missing.
    #[error("code_verifier is missing; the authorization request carried a code_challenge")]
    CodeVerifierMissing,
    /// A verifier without a challenge: possibly a PKCE downgrade (RFC 9700 §2.1.1).
    #[error("code_verifier was sent, but the authorization request carried no code_challenge")]
    CodeVerifierUnexpected,
    /// A malformed verifier.
    #[error("code_verifier cannot be used; expected 43 to 128 unreserved characters")]
    CodeVerifierMalformed,
    /// A verifier that does not match the challenge.
    #[error("code_verifier does not match the code_challenge of the authorization request")]
    CodeVerifierWrong,
    /// Unknown, expired, revoked, used or issued to another client: one reason for all.
    #[error(
        "the refresh token is unknown, expired, revoked, used, or was issued to another client; start a new authorization"
    )]
    RefreshTokenUnusable,

    /// A live or dead token that was issued to another client (RFC 7009 §2.1).
    #[error("the token was issued to another client")]
    TokenOfAnotherClient,

    // protected resources
    /// No access token was sent.
    #[error("an access token is missing; send it in the Authorization header with the scheme Bearer")]
    AccessTokenMissing,
    /// Unknown, expired or revoked: one reason for all.
    #[error("the access token is unknown, expired or revoked; get a new one")]
    AccessTokenUnusable,
    /// Access tokens in more than one place.
    #[error("the access token was sent in more than one way; use one")]
    SeveralAccessTokens,
    /// A token without `openid` at userinfo.
    #[error("the access token was granted without the scope openid")]
    OpenidScopeMissing,
    /// The token's authentication is too weak or too old (RFC 9470).
    #[error("a stronger or more recent sign-in is needed")]
    AuthenticationInsufficient,
}

impl OAuthReason {
    /// Returns the registered code that this reason is sent with.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::FormMalformed
            | Self::MissingParameter(_)
            | Self::RepeatedParameter(_)
            | Self::UnusableParameter(..)
            | Self::RequestTooLong
            | Self::ParametersInAddress
            | Self::ContentTypeUnsupported(_)
            | Self::UnsupportedResponseMode(_)
            | Self::CodeChallengeMissing
            | Self::CodeChallengeMalformed
            | Self::CodeChallengeMethodUnsupported(_)
            | Self::CodeChallengeMethodMissing
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
