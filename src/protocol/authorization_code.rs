//! The authorization code, the request that redeems it, and the rules of that redemption (RFC 6749 §4.1.3, RFC 7636 §4.6).

use super::{
    CodeChallenge, CodeVerifier, EchoedValue, Nonce, OAuthError, OAuthReason, Parameters,
    opaque_token::opaque_token,
};
use crate::{clock::Timestamp, directory::Client};
use ::entity::ids::{ClientKey, GrantId};

opaque_token! {
    /// An authorization code.
    AuthorizationCode, "cs_ac_",
    /// The hash of an authorization code, as it is stored.
    AuthorizationCodeHash
}

/// The redemption of an authorization code.
#[derive(Clone, Debug)]
pub struct AuthorizationCodeRequest {
    /// The code.
    pub code: AuthorizationCode,
    /// The redirect URI of the authorization request.
    pub redirect_uri: Option<String>,
    /// The PKCE verifier.
    pub code_verifier: Option<CodeVerifier>,
}

impl AuthorizationCodeRequest {
    /// Reads the form of a token request.
    pub(super) fn parse(form: &Parameters) -> Result<Self, OAuthError> {
        let code = form.require("code")?;
        let verifier = |text| CodeVerifier::parse(text).ok_or(OAuthReason::CodeVerifierMalformed);
        Ok(Self {
            code: AuthorizationCode::parse(code).ok_or(OAuthReason::AuthorizationCodeUnusable)?,
            redirect_uri: form.get("redirect_uri").map(str::to_owned),
            code_verifier: form.get("code_verifier").map(verifier).transpose()?,
        })
    }
}

/// The values recorded when a code was issued. The statement that redeems the code enforces single use, not
/// these checks: a code that fails a check is consumed as well and stays used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCodeRecord {
    /// The grant that the tokens will belong to.
    pub grant_id: GrantId,
    /// The client that the code was issued to.
    pub client_key: ClientKey,
    /// The address that the code was sent to.
    pub redirect_uri: String,
    /// The PKCE challenge, if the authorization request had one.
    pub code_challenge: Option<CodeChallenge>,
    /// The nonce to return in the ID token.
    pub nonce: Option<Nonce>,
    /// The instant at which the code expires.
    pub expires_at: Timestamp,
}

/// Checks whether `client` may redeem the code by `request` at `now`; errors are `invalid_grant`.
pub fn check_redemption(
    record: &AuthorizationCodeRecord,
    client: &Client,
    request: &AuthorizationCodeRequest,
    now: Timestamp,
) -> Result<(), OAuthError> {
    // Destructured without `..`, so that a new field must be checked or ignored explicitly.
    let AuthorizationCodeRecord {
        grant_id: _,
        client_key,
        redirect_uri,
        code_challenge,
        nonce: _,
        expires_at,
    } = record;
    if *client_key != client.key || now >= *expires_at {
        return Err(OAuthReason::AuthorizationCodeUnusable.into());
    }
    check_redirect_uri(redirect_uri, request.redirect_uri.as_deref())?;
    check_code_verifier(code_challenge.as_ref(), request.code_verifier.as_ref())
}

/// RFC 6749 §4.1.3: "their values MUST be identical".
fn check_redirect_uri(recorded: &str, repeated: Option<&str>) -> Result<(), OAuthError> {
    match repeated {
        None => Err(OAuthReason::RedirectUriNotRepeated.into()),
        Some(repeated) if repeated == recorded => Ok(()),
        Some(repeated) => Err(OAuthReason::RedirectUriDiffers(EchoedValue::new(repeated)).into()),
    }
}

/// RFC 7636 §4.6, and RFC 9700 §2.1.1 for a verifier without a challenge.
fn check_code_verifier(
    challenge: Option<&CodeChallenge>,
    verifier: Option<&CodeVerifier>,
) -> Result<(), OAuthError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if verifier.matches(challenge) => Ok(()),
        (Some(_), Some(_)) => Err(OAuthReason::CodeVerifierWrong.into()),
        (Some(_), None) => Err(OAuthReason::CodeVerifierMissing.into()),
        (None, Some(_)) => Err(OAuthReason::CodeVerifierUnexpected.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        ErrorCode,
        samples::{REDIRECT_URI, confidential_client},
    };

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn record() -> AuthorizationCodeRecord {
        AuthorizationCodeRecord {
            grant_id: "grt_AAAAAAAAAAAAAAAAAAAABw".parse().unwrap(),
            client_key: confidential_client().key,
            redirect_uri: REDIRECT_URI.to_owned(),
            code_challenge: CodeChallenge::parse(CHALLENGE),
            nonce: None,
            expires_at: Timestamp(60_000),
        }
    }

    fn request() -> AuthorizationCodeRequest {
        AuthorizationCodeRequest {
            code: AuthorizationCode::parse(&format!("cs_ac_{}", "c".repeat(43))).unwrap(),
            redirect_uri: Some(REDIRECT_URI.to_owned()),
            code_verifier: CodeVerifier::parse(VERIFIER),
        }
    }

    fn check(
        record: &AuthorizationCodeRecord,
        request: &AuthorizationCodeRequest,
        now: i64,
    ) -> Result<(), OAuthReason> {
        check_redemption(record, &confidential_client(), request, Timestamp(now)).map_err(|error| {
            assert_eq!(error.code(), ErrorCode::InvalidGrant);
            error.reason().clone()
        })
    }

    #[test]
    fn a_code_is_redeemed_by_its_client_until_it_expires() {
        assert_eq!(check(&record(), &request(), 59_999), Ok(()));
        assert_eq!(check(&record(), &request(), 60_000), Err(OAuthReason::AuthorizationCodeUnusable));
        let other =
            AuthorizationCodeRecord { client_key: "cli_AAAAAAAAAAAAAAAAAAAAAg".parse().unwrap(), ..record() };
        assert_eq!(check(&other, &request(), 0), Err(OAuthReason::AuthorizationCodeUnusable));
    }

    #[test]
    fn the_redirect_uri_is_repeated_byte_for_byte() {
        let with = |redirect_uri: Option<&str>| AuthorizationCodeRequest {
            redirect_uri: redirect_uri.map(str::to_owned),
            ..request()
        };
        assert_eq!(check(&record(), &with(None), 0), Err(OAuthReason::RedirectUriNotRepeated));
        for other in
            ["https://rp.example/cb", "https://RP.example/cb?tenant=1", "https://rp.example/cb?tenant=1#"]
        {
            let differs = OAuthReason::RedirectUriDiffers(EchoedValue::new(other));
            assert_eq!(check(&record(), &with(Some(other)), 0), Err(differs));
        }
    }

    #[test]
    fn challenge_and_verifier_come_together_or_not_at_all() {
        let without_verifier = AuthorizationCodeRequest { code_verifier: None, ..request() };
        let without_challenge = AuthorizationCodeRecord { code_challenge: None, ..record() };
        let wrong = AuthorizationCodeRequest { code_verifier: CodeVerifier::parse(CHALLENGE), ..request() };
        assert_eq!(check(&record(), &without_verifier, 0), Err(OAuthReason::CodeVerifierMissing));
        assert_eq!(check(&without_challenge, &request(), 0), Err(OAuthReason::CodeVerifierUnexpected));
        assert_eq!(check(&record(), &wrong, 0), Err(OAuthReason::CodeVerifierWrong));
        assert_eq!(check(&without_challenge, &without_verifier, 0), Ok(()));
    }
}
