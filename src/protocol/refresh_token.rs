//! The refresh token, the request that redeems it, and the rules of that redemption (RFC 6749 §6, RFC 9700 §4.14).

use super::{
    EchoedValue, OAuthError, OAuthReason, Parameters, Scope, ScopeProblem, ScopeSet,
    opaque_token::opaque_token,
};
use crate::{
    clock::Timestamp,
    directory::{Client, RefreshTokenRule},
};
use ::entity::ids::{ClientKey, GrantId};

opaque_token! {
    /// A refresh token.
    RefreshToken, "cs_rt_",
    /// The hash of a refresh token, as it is stored.
    RefreshTokenHash
}

/// The redemption of a refresh token.
#[derive(Clone, Debug)]
pub struct RefreshTokenRequest {
    /// The token.
    pub refresh_token: RefreshToken,
    /// A subset of the granted scopes, if requested.
    pub scopes: Option<ScopeSet>,
}

impl RefreshTokenRequest {
    /// Reads the form of a token request.
    pub(super) fn parse(form: &Parameters) -> Result<Self, OAuthError> {
        let token = form.require("refresh_token")?;
        Ok(Self {
            refresh_token: RefreshToken::parse(token).ok_or(OAuthReason::RefreshTokenUnusable)?,
            scopes: form.get("scope").map(refreshed_scopes).transpose()?,
        })
    }
}

/// RFC 6749 §6: nothing beyond the granted scopes; an unsupported scope was not granted.
fn refreshed_scopes(text: &str) -> Result<ScopeSet, OAuthError> {
    ScopeSet::parse_known(text).map_err(|problem| match problem {
        ScopeProblem::Malformed => OAuthReason::ScopeMalformed.into(),
        ScopeProblem::Unknown(name) => OAuthReason::ScopeUnknown(name).into(),
    })
}

/// The values recorded when a token was issued. The redeeming statement decides whether it was rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshTokenRecord {
    /// The grant that the token belongs to.
    pub grant_id: GrantId,
    /// The client that the token was issued to.
    pub client_key: ClientKey,
    /// The granted scopes. The next token keeps all of them, even if fewer were requested at this refresh.
    pub scopes: ScopeSet,
    /// The instant at which the token expires if it is not used.
    pub idle_until: Timestamp,
    /// The instant at which the token expires in any case; its successors inherit it.
    pub absolute_until: Timestamp,
}

/// Whether `client` gets a refresh token for these scopes; checked again at every refresh.
pub fn is_refresh_token_owed(client: &Client, scopes: &ScopeSet) -> bool {
    match client.settings.refresh_token {
        RefreshTokenRule::Never => false,
        RefreshTokenRule::OfflineAccess => scopes.contains(Scope::OfflineAccess),
        RefreshTokenRule::Always => true,
    }
}

/// Returns the scopes of the new access token if `client` may redeem the token by `request` at `now`.
pub fn check_refresh(
    record: &RefreshTokenRecord,
    client: &Client,
    request: &RefreshTokenRequest,
    now: Timestamp,
) -> Result<ScopeSet, OAuthError> {
    // Destructured without `..`, so that a new field must be checked or ignored explicitly.
    let RefreshTokenRecord { grant_id: _, client_key, scopes, idle_until, absolute_until } = record;
    if *client_key != client.key || now >= *idle_until || now >= *absolute_until {
        return Err(OAuthReason::RefreshTokenUnusable.into());
    }
    if !is_refresh_token_owed(client, scopes) {
        return Err(OAuthReason::ClientNotAllowed.into());
    }
    match &request.scopes {
        None => Ok(scopes.clone()),
        Some(fewer) if !fewer.is_empty() && fewer.is_subset(scopes) => Ok(fewer.clone()),
        Some(_) => Err(OAuthReason::ScopeWidened(EchoedValue::new(&scopes.to_string())).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ErrorCode, samples::confidential_client};

    fn record() -> RefreshTokenRecord {
        RefreshTokenRecord {
            grant_id: "grt_AAAAAAAAAAAAAAAAAAAABw".parse().unwrap(),
            client_key: confidential_client().key,
            scopes: ScopeSet::parse("openid email offline_access").unwrap(),
            idle_until: Timestamp(1000),
            absolute_until: Timestamp(2000),
        }
    }

    fn check(record: &RefreshTokenRecord, scopes: Option<&str>, now: i64) -> Result<String, ErrorCode> {
        let request = RefreshTokenRequest {
            refresh_token: RefreshToken::parse(&format!("cs_rt_{}", "r".repeat(43))).unwrap(),
            scopes: scopes.map(|scopes| ScopeSet::parse(scopes).unwrap()),
        };
        let scopes = check_refresh(record, &confidential_client(), &request, Timestamp(now));
        scopes.map(|scopes| scopes.to_string()).map_err(|error| error.code())
    }

    #[test]
    fn scopes_may_be_narrowed_and_never_widened() {
        assert_eq!(check(&record(), None, 0).as_deref(), Ok("openid email offline_access"));
        assert_eq!(check(&record(), Some("openid"), 0).as_deref(), Ok("openid"));
        assert_eq!(check(&record(), Some("openid phone"), 0), Err(ErrorCode::InvalidScope));
        assert_eq!(check(&record(), Some("phone"), 0), Err(ErrorCode::InvalidScope));
        assert_eq!(check(&record(), Some(" "), 0), Err(ErrorCode::InvalidScope));
    }

    #[test]
    fn a_refresh_token_expires_when_idle_and_at_its_absolute_end() {
        assert!(check(&record(), None, 999).is_ok());
        assert_eq!(check(&record(), None, 1000), Err(ErrorCode::InvalidGrant));
        let used = RefreshTokenRecord { idle_until: Timestamp(9000), ..record() };
        assert!(check(&used, None, 1999).is_ok());
        assert_eq!(check(&used, None, 2000), Err(ErrorCode::InvalidGrant));
    }

    #[test]
    fn a_refresh_token_is_issued_by_the_client_s_rule_and_the_scope() {
        let owed = |refresh_token, scopes: &str| {
            let mut client = confidential_client();
            client.settings.refresh_token = refresh_token;
            is_refresh_token_owed(&client, &ScopeSet::parse(scopes).unwrap())
        };
        for (rule, with, without) in [
            (RefreshTokenRule::Never, false, false),
            (RefreshTokenRule::OfflineAccess, true, false),
            (RefreshTokenRule::Always, true, true),
        ] {
            assert_eq!(
                (owed(rule, "openid offline_access"), owed(rule, "openid")),
                (with, without),
                "{rule:?}"
            );
        }
    }

    #[test]
    fn a_client_that_lost_the_permission_cannot_refresh() {
        let mut client = confidential_client();
        client.settings.refresh_token = RefreshTokenRule::Never;
        let request = RefreshTokenRequest {
            refresh_token: RefreshToken::parse(&format!("cs_rt_{}", "r".repeat(43))).unwrap(),
            scopes: None,
        };
        let refused = check_refresh(&record(), &client, &request, Timestamp(0)).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::UnauthorizedClient);
    }

    #[test]
    fn a_refresh_token_of_another_client_is_refused() {
        let other =
            RefreshTokenRecord { client_key: "cli_AAAAAAAAAAAAAAAAAAAAAg".parse().unwrap(), ..record() };
        assert_eq!(check(&other, None, 0), Err(ErrorCode::InvalidGrant));
        assert_eq!(check(&other, Some("phone"), 0), Err(ErrorCode::InvalidGrant));
    }
}
