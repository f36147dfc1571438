//! `prompt`: the interaction that the client requires or forbids (OpenID Connect Core §3.1.2.1).

use super::RawAuthorizationRequest;
use crate::protocol::{OAuthError, OAuthReason, PromptProblem, PromptSet};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<PromptSet, OAuthError> {
    PromptSet::parse(raw.get("prompt").unwrap_or_default()).map_err(|problem| match problem {
        PromptProblem::Unknown(received) => OAuthReason::PromptUnknown(received).into(),
        PromptProblem::NoneWithOthers => OAuthReason::PromptNoneWithOthers.into(),
    })
}
