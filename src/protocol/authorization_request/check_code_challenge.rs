//! PKCE (RFC 7636 §4.3, §4.4.1): required of public clients and of clients configured so; only `S256`.

use super::RawAuthorizationRequest;
use crate::protocol::{CodeChallenge, CodeChallengeMethod, EchoedValue, OAuthError, OAuthReason};

pub(super) fn check(
    raw: &RawAuthorizationRequest,
    is_required: bool,
) -> Result<Option<CodeChallenge>, OAuthError> {
    let method = raw.get("code_challenge_method");
    let Some(challenge) = raw.get("code_challenge") else {
        return match method {
            _ if is_required => Err(OAuthReason::CodeChallengeMissing.into()),
            Some(_) => Err(OAuthReason::CodeChallengeMethodAlone.into()),
            None => Ok(None),
        };
    };
    // RFC 7636 §4.3: the default method is `plain`.
    let method = method.ok_or(OAuthReason::CodeChallengeMethodMissing)?;
    if CodeChallengeMethod::parse(method).is_none() {
        return Err(OAuthReason::CodeChallengeMethodUnsupported(EchoedValue::new(method)).into());
    }
    let challenge = CodeChallenge::parse(challenge).ok_or(OAuthReason::CodeChallengeMalformed)?;
    Ok(Some(challenge))
}
